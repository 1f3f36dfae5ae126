/** How captions look. The broadcaster's choice becomes CSS variables that the user's own CSS in OBS may override. */

import { oneOf } from './protocol';

export const WORDS = ['highlight', 'karaoke', 'sentence', 'off'] as const;
export type Words = (typeof WORDS)[number];

const SIZES = { small: 0.8, medium: 1, large: 1.3, huge: 1.65 } as const;
const BACKGROUNDS = ['none', 'soft', 'solid'] as const;
const POSITIONS = ['bottom', 'top'] as const;

/** Fonts that come with Windows, macOS or Linux: nothing is loaded from anywhere. */
const FONTS = {
  sans: "'Segoe UI', system-ui, -apple-system, 'Noto Sans', 'Noto Sans CJK SC', sans-serif",
  rounded: "'Arial Rounded MT Bold', 'SF Pro Rounded', Nunito, Quicksand, 'Trebuchet MS', 'Noto Sans', sans-serif",
  serif: "Georgia, Cambria, 'Times New Roman', 'Noto Serif', serif",
  mono: "'Cascadia Mono', Consolas, Menlo, 'DejaVu Sans Mono', monospace",
  heavy: "Impact, 'Arial Black', 'Arial Narrow Bold', 'Noto Sans Display', 'DejaVu Sans Condensed', sans-serif",
  comic: "'Comic Sans MS', 'Comic Neue', 'Chalkboard SE', 'Noto Sans', cursive",
} as const;

export interface CaptionStyle {
  readonly words: Words;
  readonly font: keyof typeof FONTS;
  readonly size: keyof typeof SIZES;
  readonly background: (typeof BACKGROUNDS)[number];
  readonly position: (typeof POSITIONS)[number];
  readonly color: string;
  readonly highlight: string;
  readonly outline: string;
}

export const PLAIN: CaptionStyle = {
  words: 'highlight',
  font: 'sans',
  size: 'medium',
  background: 'none',
  position: 'bottom',
  color: '#ffffff',
  highlight: '#ffd84d',
  outline: '#1d1631',
};

/** The style object of a message; what is missing or unknown in it takes its default. */
export function captionStyle(value: Readonly<Record<string, unknown>>): CaptionStyle {
  return {
    words: oneOf(WORDS, value.words) ?? PLAIN.words,
    font: keyOf(FONTS, value.font) ?? PLAIN.font,
    size: keyOf(SIZES, value.size) ?? PLAIN.size,
    background: oneOf(BACKGROUNDS, value.background) ?? PLAIN.background,
    position: oneOf(POSITIONS, value.position) ?? PLAIN.position,
    color: colour(value.color) ?? PLAIN.color,
    highlight: colour(value.highlight) ?? PLAIN.highlight,
    outline: colour(value.outline) ?? PLAIN.outline,
  };
}

/** The variables of a style, by name. */
export function variables(style: CaptionStyle): Record<string, string> {
  const cover = { none: 0, soft: 62, solid: 100 }[style.background];
  return {
    '--aigirl-caption-font': FONTS[style.font],
    '--aigirl-caption-scale': String(SIZES[style.size]),
    '--aigirl-caption-color': style.color,
    '--aigirl-caption-highlight': style.highlight,
    '--aigirl-caption-outline': style.outline,
    '--aigirl-caption-background': cover ? translucent(style.outline, cover) : 'transparent',
  };
}

/**
 * Writes the variables where any rule of the user's wins: in a sheet of its own, on a selector that weighs nothing.
 * On the element itself they would beat whatever stands in OBS's box.
 */
export class StyleSheet {
  private readonly sheet = new CSSStyleSheet();
  private written = '';

  constructor() {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
  }

  write(style: CaptionStyle): void {
    const rules = Object.entries(variables(style)).map(([name, value]) => `${name}:${value}`);
    const text = `:where(:root){${rules.join(';')}}`;
    if (text !== this.written) this.sheet.replaceSync(text);
    this.written = text;
  }
}

function translucent(hex: string, percent: number): string {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgb(${red} ${green} ${blue} / ${percent}%)`;
}

function colour(value: unknown): string | null {
  return typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value) ? value : null;
}

function keyOf<T extends object>(table: T, value: unknown): keyof T | null {
  return (Object.keys(table) as (keyof T)[]).find((key) => key === value) ?? null;
}
