import type { Viseme } from '../overlay/protocol';
import { avatarOf, COLOURS, drawnOf, PARTS, surprise } from './look';
import { pictureShelf } from './pictures';

/** Sends something to the preview frame. */
export type Show = (message: Readonly<Record<string, unknown>>) => void;

const CHATTER: readonly Viseme[] = ['aa', 'nn', 'E', 'SS', 'O', 'PP', 'I', 'DD', 'U', 'RR', 'E', 'kk', 'aa', 'FF', 'TH', 'O', 'PP', 'aa', 'sil'];
const VISEME_MS = 105;
const REDRAW_MS = 120;

/** The look part of the persona form: swatches that show her, colours, her own pictures, and buttons to try her out. */
export function lookEditor(form: HTMLFormElement, show: Show): void {
  const changed = (): void => {
    markButtons(form);
    showKind(form);
    drawSoon();
    show({ avatar: avatarOf(form) });
  };
  const drawSoon = portraits(form);
  form.addEventListener('input', (event) => {
    if (isLook(event.target)) changed();
  });
  colourButtons(form, changed);
  pictureShelf(form, changed);
  tries(form, show, changed);
  markButtons(form);
  showKind(form);
}

function isLook(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[data-look]') !== null;
}

/** Only the fields of the kind that is chosen are seen. */
function showKind(form: HTMLFormElement): void {
  const kind = String(new FormData(form).get('kind'));
  for (const part of Array.from(form.querySelectorAll<HTMLElement>('[data-kind]'))) part.hidden = part.dataset.kind !== kind;
}

/** Fills each swatch with her as she would be with it; again soon after each change. The drawing code comes when it is needed. */
function portraits(form: HTMLFormElement): () => void {
  let timer = 0;
  const draw = async (): Promise<void> => {
    const [{ portrait }, { lookFrom }] = await Promise.all([import('../avatars/svg/portrait'), import('../avatars/look')]);
    const look = lookFrom(drawnOf(form));
    for (const part of PARTS)
      for (const place of Array.from(form.querySelectorAll<HTMLElement>(`[data-part="${part}"] [data-portrait]`)))
        place.replaceChildren(portrait(lookFrom({ ...look, [part]: place.dataset.portrait }), part));
  };
  const soon = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void draw(), REDRAW_MS);
  };
  soon();
  return soon;
}

function colourButtons(form: HTMLFormElement, changed: () => void): void {
  for (const row of Array.from(form.querySelectorAll<HTMLElement>('[data-palettes], [data-skins]'))) {
    row.hidden = false;
    row.addEventListener('click', (event) => {
      const button = (event.target as HTMLElement).closest<HTMLElement>('button');
      if (!button) return;
      for (const [part, colour] of Object.entries(button.dataset)) {
        const input = form.querySelector<HTMLInputElement>(`input[name=colour_${part}]`);
        if (input && colour) input.value = colour;
      }
      changed();
    });
  }
}

/** Says which of the offered colours are worn now. */
function markButtons(form: HTMLFormElement): void {
  const worn = (part: string): string => form.querySelector<HTMLInputElement>(`input[name=colour_${part}]`)?.value ?? '';
  for (const button of Array.from(form.querySelectorAll<HTMLElement>('[data-palettes] button')))
    button.setAttribute('aria-pressed', String(COLOURS.every((part) => button.dataset[part] === worn(part))));
  for (const button of Array.from(form.querySelectorAll<HTMLElement>('[data-skins] button')))
    button.setAttribute('aria-pressed', String(button.dataset.skin === worn('skin')));
}

function tries(form: HTMLFormElement, show: Show, changed: () => void): void {
  const row = form.querySelector<HTMLElement>('[data-tries]');
  if (!row) return;
  row.querySelector('[data-surprise]')?.addEventListener('click', () => {
    surprise(form);
    changed();
    show({ gesture: 'hop' });
  });
  row.querySelector('[data-wave]')?.addEventListener('click', () => show({ gesture: 'wave' }));
  let talking = 0;
  row.querySelector('[data-talk]')?.addEventListener('click', () => {
    window.clearInterval(talking);
    let at = 0;
    talking = window.setInterval(() => {
      const mouth = CHATTER[at] ?? 'sil';
      show({ mouth, weight: 0.9 });
      at += 1;
      if (at >= CHATTER.length) window.clearInterval(talking);
    }, VISEME_MS);
    show({ gesture: 'nod' });
  });
}
