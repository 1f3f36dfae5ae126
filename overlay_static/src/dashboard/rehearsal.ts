import { csrfToken } from './api';
import { leaveGuard } from './leave_guard';

/** The expert's pages: tokens counted while one writes, a reply to listen to, a report that follows its check. */
export function rehearsalPages(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('[data-guarded]')) {
    leaveGuard(form);
    form.querySelector<HTMLElement>('[data-first-error]')?.focus();
  }
  countTokens();
  listenButton();
  followReport();
}

const CHARACTERS_PER_TOKEN = 3.9;
const CYRILLIC_CHARACTERS_PER_TOKEN = 3.0;

/** About how many tokens a text is, as the server estimates it. */
export function estimateTokens(text: string): number {
  const all = [...text];
  const cyrillic = all.filter((sign) => sign >= '\u0400' && sign <= '\u04ff').length;
  return Math.ceil(cyrillic / CYRILLIC_CHARACTERS_PER_TOKEN + (all.length - cyrillic) / CHARACTERS_PER_TOKEN);
}

function countTokens(): void {
  const areas = [...document.querySelectorAll<HTMLTextAreaElement>('textarea[data-tokens]')];
  const sum = document.querySelector<HTMLElement>('[data-token-sum]');
  const beside = Number(document.querySelector<HTMLElement>('[data-tokens-beside]')?.dataset.tokensBeside ?? 0);
  if (areas.length === 0) return;
  const language = document.documentElement.lang;
  const notes = areas.map((area) => {
    const note = document.createElement('p');
    note.className = 'tokens-here';
    note.setAttribute('aria-hidden', 'true');
    area.after(note);
    return note;
  });
  const count = (): void => {
    let total = beside;
    areas.forEach((area, number) => {
      const tokens = estimateTokens(area.value);
      total += tokens;
      notes[number]!.textContent = tokens ? `≈ ${tokens.toLocaleString(language)}` : '';
    });
    if (!sum) return;
    sum.hidden = false;
    sum.textContent = (sum.dataset.words ?? '').replace('{count}', total.toLocaleString(language));
  };
  for (const area of areas) area.addEventListener('input', count);
  count();
}

function listenButton(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-bench-listen]');
  const note = document.querySelector<HTMLElement>('[data-bench-note]');
  if (!button || !note) return;
  button.hidden = false;
  button.addEventListener('click', () => void listen(button, note));
}

async function listen(button: HTMLButtonElement, note: HTMLElement): Promise<void> {
  const label = button.textContent;
  button.disabled = true;
  button.textContent = button.dataset.busy ?? label;
  note.textContent = '';
  try {
    const fields = new FormData();
    for (const name of ['text', 'engine', 'name', 'language', 'speed', 'pitch', 'instructions']) {
      fields.set(name, button.dataset[name] ?? '');
    }
    const response = await fetch(button.dataset.benchListen ?? '', {
      method: 'POST',
      body: fields,
      headers: { 'X-CSRFToken': csrfToken() },
    });
    if (!response.ok) throw new Error(`The voice sample answered ${response.status}.`);
    const url = URL.createObjectURL(await response.blob());
    const audio = new Audio(url);
    audio.addEventListener('ended', () => URL.revokeObjectURL(url), { once: true });
    await audio.play();
  } catch {
    note.textContent = button.dataset.failed ?? '';
  } finally {
    button.disabled = false;
    button.textContent = label;
  }
}

const LOOK_EVERY_MS = 1500;

/** While a check goes on, the page looks how far it is; when it has ended, the whole page comes anew. */
function followReport(): void {
  const report = document.querySelector<HTMLElement>('[data-report]');
  if (!report?.hasAttribute('data-open')) return;
  window.setTimeout(() => void look(report), LOOK_EVERY_MS);
}

async function look(report: HTMLElement): Promise<void> {
  try {
    const response = await fetch(window.location.href);
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = page.querySelector<HTMLElement>('[data-report]');
    if (!response.ok || !fresh?.hasAttribute('data-open')) {
      window.location.reload();
      return;
    }
    // Only what moves is changed, so that a button somebody is about to press stays where it is.
    const [mine, theirs] = [report, fresh].map((each) => each.querySelector<HTMLElement>('[role=status]'));
    if (mine && theirs) mine.innerHTML = theirs.innerHTML;
  } catch {
    // The network is away for a moment; the next look will tell.
  }
  window.setTimeout(() => void look(report), LOOK_EVERY_MS);
}
