import { avatarOf } from './look';
import { leaveGuard } from './leave_guard';
import { lookEditor } from './look_editor';
import { previewer } from './preview';
import { voicePicker } from './voices';

export function personaPage(): void {
  const form = document.querySelector<HTMLFormElement>('[data-persona]');
  if (!form) return;
  const now = (): Record<string, unknown> => {
    const values = new FormData(form);
    return { name: String(values.get('name')), mood: String(values.get('mood')), avatar: avatarOf(form) };
  };
  const show = previewer(form.querySelector<HTMLIFrameElement>('[data-preview]'), now);
  form.addEventListener('input', (event) => {
    const input = event.target as HTMLInputElement;
    showNumber(form, input);
    if (input.name === 'name' || input.name === 'mood') show({ [input.name]: input.value });
  });
  lookEditor(form, show);
  voicePicker(form);
  form.querySelector<HTMLElement>('[data-first-error]')?.focus();
  leaveGuard(form);
}

/** Keeps the number beside a slider true. */
function showNumber(form: HTMLFormElement, input: HTMLElement): void {
  if (!(input instanceof HTMLInputElement) || input.type !== 'range') return;
  const output = form.querySelector<HTMLOutputElement>(`output[for="${input.id}"]`);
  if (output) output.value = Number(input.value).toLocaleString(document.documentElement.lang) + (output.dataset.unit ?? '');
}
