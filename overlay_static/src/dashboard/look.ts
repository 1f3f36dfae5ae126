import type { AvatarSpec } from '../avatars/avatar';

export const PARTS = ['face', 'hair', 'fringe', 'outfit'] as const;
export type Part = (typeof PARTS)[number];
export const COLOURS = ['hair', 'eyes', 'outfit', 'accent'] as const;

/** The avatar the form describes now, in the shape the overlay draws from. */
export function avatarOf(form: HTMLFormElement): AvatarSpec {
  const values = new FormData(form);
  const text = (name: string): string => String(values.get(name) ?? '');
  const pictures: Record<string, string> = {};
  for (const [field, value] of values)
    if (field.startsWith('slot_') && value !== '') pictures[field.slice('slot_'.length)] = `/media/avatars/${String(value)}`;
  if (text('kind') === 'png' && pictures.idle)
    return {
      kind: 'png',
      pictures,
      mouth: { half: Number(text('mouth_half')) / 100, open: Number(text('mouth_open')) / 100 },
      bounce: Number(text('bounce')),
    };
  return drawnOf(form);
}

/** The drawn character as the form has it, whichever kind is chosen. */
export function drawnOf(form: HTMLFormElement): AvatarSpec {
  const values = new FormData(form);
  const text = (name: string): string => String(values.get(name) ?? '');
  return {
    kind: 'svg',
    ...Object.fromEntries(PARTS.map((part) => [part, text(part)])),
    accessories: values.getAll('accessories').map(String),
    palette: Object.fromEntries([...COLOURS, 'skin'].map((part) => [part, text(`colour_${part}`)])),
  };
}

/** Chooses parts, colours and skin by chance. Colours come from the palettes offered, so that they go together. */
export function surprise(form: HTMLFormElement, random: () => number = Math.random): void {
  const one = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const inputs = (name: string): HTMLInputElement[] => Array.from(form.querySelectorAll<HTMLInputElement>(`input[name="${name}"]`));
  for (const name of PARTS) check(one(inputs(name)));
  // Few things look better than many.
  for (const box of inputs('accessories')) box.checked = random() < 0.28;
  const drawn = inputs('kind').find((input) => input.value === 'svg');
  check(drawn);
  one(Array.from(form.querySelectorAll<HTMLElement>('[data-palettes] button')))?.click();
  one(Array.from(form.querySelectorAll<HTMLElement>('[data-skins] button')))?.click();
}

function check(input: HTMLInputElement | undefined): void {
  if (input) input.checked = true;
}
