/** Four faces as numbers: how wide, how long, what kind of eyes. Pure. */

import type { FaceName } from '../look';
import { n } from './dom';

export interface EyeShape {
  /** Distance from the middle and height on the picture, px. */
  readonly x: number;
  readonly y: number;
  /** Factors on the eye's width and height. */
  readonly width: number;
  readonly height: number;
  /** px the outer corner stands above (positive) or below the inner one. */
  readonly outer: number;
  readonly irisX: number;
  readonly irisY: number;
  /** Factor on the pupil's width: 1 round, below narrow like a cat's. */
  readonly pupil: number;
  /** Factor on the upper lash's thickness. */
  readonly lash: number;
  /** Strokes of lower lashes. */
  readonly lower: boolean;
  /** How open her eyes are at rest, 0..1. */
  readonly lid: number;
}

export interface FaceShape {
  /** Half widths, px: cheeks, jaw, tip of the chin. */
  readonly cheek: number;
  readonly jaw: number;
  readonly tip: number;
  readonly jawY: number;
  readonly chinY: number;
  readonly eye: EyeShape;
  readonly brow: { readonly y: number; readonly thick: number; readonly length: number; readonly tilt: number };
  readonly mouthY: number;
  readonly mouth: number;
  readonly blushY: number;
  /** A little tooth that peeps out. */
  readonly fang: boolean;
  readonly mole: boolean;
}

export const FACE_SHAPES: Readonly<Record<FaceName, FaceShape>> = {
  /** Round and wide awake. */
  soft: {
    cheek: 147, jaw: 66, tip: 16, jawY: 578, chinY: 600,
    eye: { x: 81, y: 424, width: 1, height: 1, outer: 0, irisX: 35, irisY: 45, pupil: 1, lash: 1, lower: false, lid: 0.95 },
    brow: { y: 350, thick: 1, length: 1, tilt: 0 },
    mouthY: 528, mouth: 1.14, blushY: 492, fang: false, mole: false,
  },
  /** A cat: lifted corners, narrow pupils, a pointed chin and a fang. */
  sharp: {
    cheek: 143, jaw: 56, tip: 8, jawY: 582, chinY: 610,
    eye: { x: 83, y: 428, width: 1.06, height: 0.88, outer: 15, irisX: 30, irisY: 42, pupil: 0.52, lash: 1.12, lower: false, lid: 0.97 },
    brow: { y: 352, thick: 0.86, length: 1.04, tilt: 9 },
    mouthY: 536, mouth: 1.12, blushY: 498, fang: true, mole: false,
  },
  /** Dreamy: corners that hang, big irises, full cheeks. */
  gentle: {
    cheek: 151, jaw: 78, tip: 24, jawY: 570, chinY: 592,
    eye: { x: 84, y: 430, width: 1.02, height: 0.94, outer: -13, irisX: 38, irisY: 44, pupil: 1.05, lash: 0.92, lower: true, lid: 0.95 },
    brow: { y: 346, thick: 0.9, length: 0.82, tilt: -9 },
    mouthY: 526, mouth: 1.06, blushY: 496, fang: false, mole: false,
  },
  /** Grown up: long face, heavy lids, long lashes and a mole. */
  cool: {
    cheek: 140, jaw: 60, tip: 12, jawY: 586, chinY: 614,
    eye: { x: 82, y: 430, width: 1.08, height: 0.8, outer: 6, irisX: 31, irisY: 41, pupil: 0.9, lash: 1.25, lower: true, lid: 0.9 },
    brow: { y: 358, thick: 0.78, length: 1.12, tilt: 3 },
    mouthY: 542, mouth: 1.12, blushY: 502, fang: false, mole: true,
  },
};

/** The bare face; `drop` (px) is how far the open mouth pulls the chin down. */
export function faceOutline({ cheek, jaw, tip, jawY, chinY }: FaceShape, drop: number): string {
  const chin = n(chinY + drop);
  const low = n(jawY + drop * 0.8);
  const side = (sign: 1 | -1): { cheek: string; jaw: string; bend: string; chin: string } => ({
    cheek: `${400 + sign * cheek}`,
    jaw: `${400 + sign * jaw}`,
    bend: `${400 + sign * (jaw + 42)} ${n(jawY - 25 + drop * 0.4)}`,
    chin: `${400 + sign * (jaw - 28)} ${n(jawY + 16 + drop)}`,
  });
  const left = side(-1);
  const right = side(1);
  return (
    `M250 366 C247 412 ${400 - cheek - 1} 448 ${left.cheek} 480 C${400 - cheek + 9} 520 ${left.bend} ${left.jaw} ${low}` +
    ` C${left.chin} ${400 - tip} ${chin} 400 ${chin} C${400 + tip} ${chin} ${right.chin} ${right.jaw} ${low}` +
    ` C${right.bend} ${400 + cheek - 9} 520 ${right.cheek} 480 C${400 + cheek + 1} 448 553 412 550 366` +
    ' C550 262 482 206 400 206 C318 206 250 262 250 366Z'
  );
}
