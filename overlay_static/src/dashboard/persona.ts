import { previewer, type Look } from './preview';
import { voicePicker } from './voices';

const PARTS = ['hair', 'eyes', 'outfit', 'accent'] as const;

export function personaPage(): void {
  const form = document.querySelector<HTMLFormElement>('[data-persona]');
  if (!form) return;
  const show = previewer(form.querySelector<HTMLIFrameElement>('[data-preview]'), () => look(form));
  form.addEventListener('input', (event) => {
    showNumber(form, event.target as HTMLElement);
    markPalette(form);
    show();
  });
  palettes(form, show);
  voicePicker(form);
  form.querySelector<HTMLElement>('[data-first-error]')?.focus();
  leaveGuard(form);
}

function look(form: HTMLFormElement): Look {
  const values = new FormData(form);
  const palette = Object.fromEntries(PARTS.map((part) => [part, String(values.get(`colour_${part}`))]));
  return { name: String(values.get('name')), mood: String(values.get('mood')), palette };
}

/** Keeps the number beside a slider true. */
function showNumber(form: HTMLFormElement, input: HTMLElement): void {
  if (!(input instanceof HTMLInputElement) || input.type !== 'range') return;
  const output = form.querySelector<HTMLOutputElement>(`output[for="${input.id}"]`);
  if (output) output.value = Number(input.value).toLocaleString(document.documentElement.lang) + (output.dataset.unit ?? '');
}

function palettes(form: HTMLFormElement, show: () => void): void {
  const row = form.querySelector<HTMLElement>('[data-palettes]');
  if (!row) return;
  row.hidden = false;
  markPalette(form);
  row.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>('button');
    if (!button) return;
    for (const part of PARTS) {
      const input = form.querySelector<HTMLInputElement>(`input[name=colour_${part}]`);
      if (input) input.value = button.dataset[part] ?? input.value;
    }
    markPalette(form);
    show();
  });
}

function markPalette(form: HTMLFormElement): void {
  const present = look(form).palette;
  for (const button of Array.from(form.querySelectorAll<HTMLElement>('[data-palettes] button'))) {
    button.setAttribute('aria-pressed', String(PARTS.every((part) => button.dataset[part] === present[part])));
  }
}

/** Asks before changes are thrown away. */
function leaveGuard(form: HTMLFormElement): void {
  let saving = false;
  const before = snapshot();
  form.addEventListener('submit', () => (saving = true));
  window.addEventListener('beforeunload', (event) => {
    if (!saving && snapshot() !== before) event.preventDefault();
  });

  function snapshot(): string {
    const values = new FormData(form);
    return JSON.stringify(Array.from(values.entries()).filter(([name]) => name !== 'csrfmiddlewaretoken'));
  }
}
