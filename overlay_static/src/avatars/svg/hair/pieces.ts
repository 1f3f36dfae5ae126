/** What every way to wear her hair is made of, and the strokes they share. */

import { path } from '../dom';

/** A piece that hangs from a point of the head and swings. */
export interface Hanging {
  readonly element: SVGGElement;
  readonly x: number;
  readonly y: number;
  /** -1 for the mirrored twin at the left of the picture. */
  readonly side: 1 | -1;
  /** How far it swings with the head, and how much of the head's tilt it takes over. */
  readonly swing: number;
  readonly stiff: number;
}

/** Hair behind the face. */
export interface Mane {
  /** Behind everything, sits on the head. */
  readonly back: SVGGElement;
  readonly hanging: readonly Hanging[];
  /** Before the ears, each around its own root. */
  readonly lockLeft: SVGGElement;
  readonly lockRight: SVGGElement;
}

/** Hair over the forehead. */
export interface Fringe {
  readonly element: SVGGElement;
  /** Outline of the shadow it throws onto the face. */
  readonly shadow: string;
}

export const HAIR_LINE = 'var(--hair-line)';

/** The side away from the light. */
export function shaded(d: string, opacity: number): SVGPathElement {
  return path(d, { fill: 'var(--hair-shade)', opacity });
}

export function shining(d: string, opacity = 0.55): SVGPathElement {
  return path(d, { fill: 'var(--hair-shine)', opacity });
}
