/** All tones of the drawing from four colours. Pure. */

import type { Palette } from '../../overlay/protocol';

export const DEFAULT_PALETTE: Required<Palette> = {
  hair: '#8a78f0',
  eyes: '#2f9df0',
  outfit: '#3b4184',
  accent: '#ff6f9f',
};

interface Hsl {
  readonly h: number;
  readonly s: number;
  readonly l: number;
}

/** The custom properties of the drawing, by name. Colours that cannot be read keep their default. */
export function tones(palette: Palette): Record<string, string> {
  const hair = hslOf(palette.hair) ?? hslOf(DEFAULT_PALETTE.hair)!;
  const eyes = hslOf(palette.eyes) ?? hslOf(DEFAULT_PALETTE.eyes)!;
  const outfit = hslOf(palette.outfit) ?? hslOf(DEFAULT_PALETTE.outfit)!;
  const accent = hslOf(palette.accent) ?? hslOf(DEFAULT_PALETTE.accent)!;
  // Cool hair runs out into a neighbouring hue, as dyed tips do; on warm hair the same step would look dirty.
  const cool = hair.h > 170 && hair.h < 340;
  const tipTurn = hair.s > 0.25 ? (cool ? -52 : 12) : 0;
  return {
    '--hair': css(hair),
    '--hair-light': css(tone(hair, 0, 1, 0.085)),
    '--hair-shade': css(tone(hair, 8, 0.86, -0.125)),
    '--hair-back': css(tone(hair, 10, 0.74, -0.235)),
    '--hair-deep': css(tone(hair, 12, 0.74, -0.31)),
    '--hair-line': css({ ...tone(hair, 14, 0.7, 0), l: Math.min(0.25, hair.l * 0.42) }),
    '--hair-shine': css({ ...tone(hair, -14, 1, 0), l: Math.min(0.95, hair.l + 0.2) }),
    '--hair-tip': css(tone(hair, tipTurn, 1.02, hair.l < 0.3 ? 0.1 : 0.03)),
    '--hair-fringe-tip': css(tone(hair, tipTurn * 0.45, 1.02, hair.l < 0.3 ? 0.06 : 0.045)),
    '--hair-tip-back': css(tone(hair, tipTurn, 0.78, -0.19)),
    '--brow': css({ ...tone(hair, 14, 0.62, 0), l: Math.min(0.27, hair.l * 0.45) }),
    '--eye': css(eyes),
    '--eye-top': css({ ...tone(eyes, 22, 0.78, 0), l: 0.17 }),
    '--eye-mid': css(tone(eyes, 10, 0.92, -0.13)),
    '--eye-low': css({ ...tone(eyes, -24, 1.05, 0), l: Math.min(0.86, Math.max(0.68, eyes.l + 0.2)) }),
    '--eye-ring': css({ ...tone(eyes, 22, 0.66, 0), l: 0.14 }),
    '--eye-glint': css({ ...tone(eyes, -34, 1, 0), l: 0.9 }),
    '--outfit': css(outfit),
    '--outfit-light': css(tone(outfit, -4, 0.95, 0.1)),
    '--outfit-shade': css(tone(outfit, 6, 1, -0.1)),
    '--outfit-line': css({ ...tone(outfit, 8, 0.9, 0), l: Math.min(0.16, outfit.l * 0.45) }),
    '--accent': css(accent),
    '--accent-light': css(tone(accent, -4, 1, 0.11)),
    '--accent-shade': css(tone(accent, -10, 0.84, -0.13)),
    '--accent-line': css({ ...tone(accent, -14, 0.72, 0), l: Math.min(0.33, accent.l * 0.5) }),
  };
}

/** Hue in degrees, saturation and lightness 0..1, of #rgb, #rrggbb or rgb(r, g, b); null for anything else. */
export function hslOf(colour: string | undefined): Hsl | null {
  const rgb = rgbOf((colour ?? '').trim());
  if (!rgb) return null;
  const [r, g, b] = rgb.map((part) => part / 255) as [number, number, number];
  const high = Math.max(r, g, b);
  const low = Math.min(r, g, b);
  const l = (high + low) / 2;
  const spread = high - low;
  if (spread === 0) return { h: 0, s: 0, l };
  const s = spread / (1 - Math.abs(2 * l - 1));
  const sector = high === r ? ((g - b) / spread + 6) % 6 : high === g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  return { h: sector * 60, s, l };
}

function rgbOf(colour: string): [number, number, number] | null {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(colour);
  if (short) return [1, 2, 3].map((i) => parseInt(`${short[i]}${short[i]}`, 16)) as [number, number, number];
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(colour);
  if (long) return [1, 2, 3].map((i) => parseInt(long[i] ?? '0', 16)) as [number, number, number];
  const written = /^rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)$/i.exec(colour);
  if (written) return [1, 2, 3].map((i) => Math.min(255, Number(written[i]))) as [number, number, number];
  return null;
}

function tone(colour: Hsl, turn: number, saturation: number, lighter: number): Hsl {
  return {
    h: (colour.h + turn + 360) % 360,
    s: Math.min(1, colour.s * saturation),
    l: Math.min(0.97, Math.max(0.05, colour.l + lighter)),
  };
}

function css({ h, s, l }: Hsl): string {
  return `hsl(${Math.round(h)}, ${Math.round(s * 100)}%, ${Math.round(l * 100)}%)`;
}
