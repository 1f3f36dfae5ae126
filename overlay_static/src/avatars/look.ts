/** What a drawn character is made of, as it comes over the wire and out of the editor. Pure. */

export const FACE_NAMES = ['soft', 'sharp', 'gentle', 'cool'] as const;
export const HAIR_NAMES = ['twintails', 'long', 'bob', 'ponytail', 'waves'] as const;
export const FRINGE_NAMES = ['choppy', 'straight', 'swept', 'curtain'] as const;
export const OUTFIT_NAMES = ['jacket', 'sailor', 'knit', 'gothic'] as const;
export const ACCESSORY_NAMES = ['bows', 'star', 'flower', 'cat_ears', 'headphones', 'glasses', 'choker', 'cowlick'] as const;
export const COLOUR_NAMES = ['hair', 'eyes', 'outfit', 'accent', 'skin'] as const;

export type FaceName = (typeof FACE_NAMES)[number];
export type HairName = (typeof HAIR_NAMES)[number];
export type FringeName = (typeof FRINGE_NAMES)[number];
export type OutfitName = (typeof OUTFIT_NAMES)[number];
export type AccessoryName = (typeof ACCESSORY_NAMES)[number];
/** CSS colours as #rgb, #rrggbb or rgb(r, g, b). */
export type Palette = Readonly<Record<(typeof COLOUR_NAMES)[number], string>>;

export interface Look {
  readonly face: FaceName;
  readonly hair: HairName;
  readonly fringe: FringeName;
  readonly outfit: OutfitName;
  readonly accessories: readonly AccessoryName[];
  readonly palette: Palette;
}

export const DEFAULT_PALETTE: Palette = {
  hair: '#8a78f0',
  eyes: '#2f9df0',
  outfit: '#3b4184',
  accent: '#ff6f9f',
  skin: '#ffe6db',
};

export const DEFAULT_LOOK: Look = {
  face: 'soft',
  hair: 'twintails',
  fringe: 'choppy',
  outfit: 'jacket',
  accessories: ['bows', 'star', 'choker', 'cowlick'],
  palette: DEFAULT_PALETTE,
};

/** The look a message describes; what is missing or unknown is as in `before`. */
export function lookFrom(value: Readonly<Record<string, unknown>>, before: Look = DEFAULT_LOOK): Look {
  return {
    face: oneOf(FACE_NAMES, value.face) ?? before.face,
    hair: oneOf(HAIR_NAMES, value.hair) ?? before.hair,
    fringe: oneOf(FRINGE_NAMES, value.fringe) ?? before.fringe,
    outfit: oneOf(OUTFIT_NAMES, value.outfit) ?? before.outfit,
    accessories: Array.isArray(value.accessories)
      ? ACCESSORY_NAMES.filter((name) => (value.accessories as unknown[]).includes(name))
      : before.accessories,
    palette: paletteFrom(value.palette, before.palette),
  };
}

function paletteFrom(value: unknown, before: Palette): Palette {
  if (typeof value !== 'object' || value === null) return before;
  const given = value as Record<string, unknown>;
  const colours: Record<string, string> = { ...before };
  for (const name of COLOUR_NAMES) {
    const colour = given[name];
    if (typeof colour === 'string' && colour.length <= 32) colours[name] = colour;
  }
  return colours as Palette;
}

function oneOf<T extends string>(names: readonly T[], value: unknown): T | null {
  return names.find((name) => name === value) ?? null;
}
