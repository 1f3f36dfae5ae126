/** All tones of the drawing from five colours. Pure. */

import { DEFAULT_PALETTE, type Palette } from '../look';

interface Hsl {
  readonly h: number;
  readonly s: number;
  readonly l: number;
}

/** The custom properties of the drawing, by name. Colours that cannot be read keep their default. */
export function tones(palette: Partial<Palette>): Record<string, string> {
  const hair = hslOf(palette.hair) ?? hslOf(DEFAULT_PALETTE.hair)!;
  const eyes = hslOf(palette.eyes) ?? hslOf(DEFAULT_PALETTE.eyes)!;
  const outfit = hslOf(palette.outfit) ?? hslOf(DEFAULT_PALETTE.outfit)!;
  const accent = hslOf(palette.accent) ?? hslOf(DEFAULT_PALETTE.accent)!;
  const skin = hslOf(palette.skin) ?? hslOf(DEFAULT_PALETTE.skin)!;
  const dark = 1 - Math.min(1, Math.max(0, (skin.l - 0.3) / 0.6));
  // Cool hair runs out into a neighbouring hue, as dyed tips do; on warm hair the same step would look dirty.
  const cool = hair.h > 170 && hair.h < 340;
  const tipTurn = hair.s > 0.25 ? (cool ? -52 : 12) : 0;
  return {
    '--hair': css(hair),
    '--hair-light': css(tone(hair, 0, 1, 0.085)),
    '--hair-shade': css(tone(hair, 8, 0.86, -0.125)),
    '--hair-back': css(deeper(tone(hair, 10, 0.74, -0.235), 0.13)),
    '--hair-deep': css(deeper(tone(hair, 12, 0.74, -0.31), 0.1)),
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
    '--skin': css(skin),
    '--skin-light': css(tone(skin, 4, 1, 0.03)),
    '--skin-low': css(tone(skin, -5, 1 - 0.2 * dark, -0.035)),
    '--skin-shade': css({ h: (skin.h + 350) % 360, s: Math.min(0.75, Math.max(0.42, skin.s * 0.62)), l: skin.l - 0.17 + 0.04 * dark }),
    '--skin-line': css({ h: (skin.h + 338) % 360, s: 0.36, l: Math.max(0.17, skin.l * 0.6 - 0.02) }),
    '--skin-glow': css(tone(skin, 8, 1, 0.05 + 0.05 * dark)),
    '--lip': css({ h: (skin.h + 340) % 360, s: 0.5, l: Math.max(0.3, skin.l - 0.2) }),
    // The line of closed lips must be seen on every skin.
    '--mouth-line': css({ h: 342, s: 0.49, l: 0.31 - 0.2 * dark }),
    '--blush': css({ h: 354 - 4 * dark, s: 1 - 0.3 * dark, l: 0.73 - 0.22 * dark }),
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

/** No darker than `least`, so that black hair keeps its shape. */
function deeper(colour: Hsl, least: number): Hsl {
  return { ...colour, l: Math.max(least, colour.l) };
}

function css({ h, s, l }: Hsl): string {
  return `hsl(${Math.round(h)}, ${Math.round(s * 100)}%, ${Math.round(l * 100)}%)`;
}
