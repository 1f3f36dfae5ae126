/** The fifteen mouth shapes as numbers, and the outlines they give. Pure. */

import type { Viseme } from '../../overlay/protocol';
import { n } from './dom';

export interface MouthShape {
  /** Half the width, height above and below the line of the corners, px. */
  width: number;
  top: number;
  bottom: number;
  /** Corners up (negative) or down, px. */
  corner: number;
  /** 0 flat, 1 round. */
  round: number;
  /** How much of the upper teeth and of the tongue is seen, 0..1. */
  teeth: number;
  tongue: number;
  /** Teeth on the lower lip, 0..1. */
  bite: number;
  /** Lips pressed together, 0..1. */
  press: number;
  /** How much she is not speaking, 0..1: then her mood may part the lips. */
  rest: number;
}

const shapeOf = (
  width: number, top: number, bottom: number, corner: number, round: number, teeth: number, tongue: number, bite = 0, press = 0, rest = 0,
): MouthShape => ({ width, top, bottom, corner, round, teeth, tongue, bite, press, rest });

export const MOUTHS: Readonly<Record<Viseme, MouthShape>> = {
  sil: shapeOf(33, 0, 0, -7, 0.5, 0, 0, 0, 0, 1),
  PP: shapeOf(25, 0, 0, 0, 0.5, 0, 0, 0, 1),
  FF: shapeOf(30, 5, 7, -2, 0.45, 1, 0, 1),
  TH: shapeOf(32, 7, 15, -2, 0.5, 0.9, 1.35, 0.1),
  DD: shapeOf(33, 8, 18, -3, 0.5, 0.85, 0.55),
  kk: shapeOf(31, 9, 22, -2, 0.55, 0.45, 0.35),
  CH: shapeOf(23, 12, 20, 0, 0.9, 1.5, 0),
  SS: shapeOf(36, 8, 11, -5, 0.35, 1, 0),
  nn: shapeOf(29, 7, 14, -3, 0.5, 0.55, 0.75),
  RR: shapeOf(22, 10, 16, 0, 0.85, 0.3, 0.45),
  aa: shapeOf(37, 14, 47, -4, 0.78, 0.5, 0.8),
  E: shapeOf(39, 11, 27, -6, 0.6, 0.65, 0.6),
  I: shapeOf(42, 8, 17, -8, 0.42, 0.9, 0.3),
  O: shapeOf(22, 19, 32, 0, 1, 0.12, 0.5),
  U: shapeOf(15, 14, 19, 0, 1, 0, 0.25),
};

/** Lips that part a little in surprise. */
const GAPE: MouthShape = shapeOf(14, 9, 14, 0, 1, 0, 0.2, 0, 0, 1);

/** The shape at `weight` (0..1) of its own opening; closures do not depend on loudness. */
export function weighted(viseme: Viseme, weight: number): MouthShape {
  const full = MOUTHS[viseme];
  if (viseme === 'sil' || viseme === 'PP' || viseme === 'FF') return full;
  const opening = 0.4 + 0.6 * weight;
  return { ...full, top: full.top * opening, bottom: full.bottom * opening, width: full.width * (0.88 + 0.12 * weight) };
}

export function mixMouths(from: MouthShape, to: MouthShape, share: number): MouthShape {
  const mixed: MouthShape = { ...from };
  for (const name of Object.keys(from) as (keyof MouthShape)[]) mixed[name] = from[name] + (to[name] - from[name]) * share;
  return mixed;
}

/** How the mood bends every shape. */
export interface MouthMood {
  readonly corner: number;
  readonly mouthWidth: number;
  readonly skew: number;
  /** How far her lips part while she says nothing, 0..1. */
  readonly gape: number;
}

export interface MouthPaths {
  /** Empty while the lips touch. */
  readonly inside: string;
  readonly teeth: string;
  readonly tongue: string;
  /** The line of closed lips; empty while they are open. */
  readonly lips: string;
  readonly lowerLip: string;
}

/** Paths around (0, 0), the middle of the closed mouth. */
export function mouthPaths(spoken: MouthShape, mood: MouthMood): MouthPaths {
  const gape = mood.gape * spoken.rest;
  const shape = gape > 0 ? mixMouths(spoken, GAPE, gape) : spoken;
  const open = shape.top + shape.bottom;
  const w = shape.width * (shape.round > 0.8 ? 1 : mood.mouthWidth);
  const rounder = shape.round > 0.8 ? 0.35 : open > 25 ? 0.6 : 1;
  const corner = shape.corner + mood.corner * rounder;
  const left = corner + mood.skew * rounder * 0.4;
  const right = corner - mood.skew * rounder * 0.6;
  const lowerLip = `M${n(-w * 0.32)} ${n(shape.bottom + 11)} Q0 ${n(shape.bottom + 15)} ${n(w * 0.32)} ${n(shape.bottom + 11)}`;
  if (open < 4) {
    const belly = 7 - corner * 0.62;
    const flat = shape.press;
    const middle = belly * (1 - flat) + 1 * flat;
    const notch = (1 - flat) * 2.5;
    const lips =
      `M${n(-w)} ${n(left)} C${n(-w * 0.62)} ${n(left * 0.2 + middle)} ${n(-w * 0.2)} ${n(middle - notch)} 0 ${n(middle - notch * 1.4)}` +
      ` C${n(w * 0.2)} ${n(middle - notch)} ${n(w * 0.62)} ${n(right * 0.2 + middle)} ${n(w)} ${n(right)}`;
    return { inside: '', teeth: '', tongue: '', lips, lowerLip };
  }
  const k = 0.3 + 0.3 * shape.round;
  // Rounded lips are nearly an ellipse; spread lips have corners and a small dip above.
  const oval = Math.max(0, shape.round - 0.7) / 0.3;
  const reach = 0.45 - k * 0.5;
  const topX = w * (1 - reach) * (1 - oval) + w * oval;
  const topRise = shape.top * (0.75 - 0.2 * oval);
  const dip = 2 * (1 - oval);
  const flank = shape.bottom * (0.45 + k * 0.5 - 0.2 * oval);
  const inside =
    `M${n(-w)} ${n(left)} C${n(-topX)} ${n(left - topRise)} ${n(-w * k)} ${n(-shape.top)} 0 ${n(dip - shape.top)}` +
    ` C${n(w * k)} ${n(-shape.top)} ${n(topX)} ${n(right - topRise)} ${n(w)} ${n(right)}` +
    ` C${n(w)} ${n(flank)} ${n(w * (k + 0.12 - 0.1 * oval))} ${n(shape.bottom)} 0 ${n(shape.bottom)}` +
    ` C${n(-w * (k + 0.12 - 0.1 * oval))} ${n(shape.bottom)} ${n(-w)} ${n(flank)} ${n(-w)} ${n(left)}Z`;
  const teethLow = -shape.top * 0.5 + open * (0.2 * shape.teeth + 0.5 * shape.bite);
  const teeth =
    shape.teeth > 0.05
      ? `M${n(-w - 8)} ${n(-shape.top - 12)} H${n(w + 8)} V${n(teethLow - 4)} Q0 ${n(teethLow + open * 0.1)} ${n(-w - 8)} ${n(teethLow - 4)}Z`
      : '';
  const tongueTop = shape.bottom - open * 0.46 * shape.tongue;
  const tongue =
    shape.tongue > 0.05
      ? `M${n(-w * 0.78)} ${n(shape.bottom + 8)} C${n(-w * 0.72)} ${n(tongueTop)} ${n(-w * 0.25)} ${n(tongueTop - 3)} 0 ${n(tongueTop + 1.5)}` +
        ` C${n(w * 0.25)} ${n(tongueTop - 3)} ${n(w * 0.72)} ${n(tongueTop)} ${n(w * 0.78)} ${n(shape.bottom + 8)}Z`
      : '';
  return { inside, teeth, tongue, lips: '', lowerLip };
}

/** The tooth that peeps out at the left corner of the picture, closed or open. */
export function fang(shape: MouthShape, mood: MouthMood): string {
  const open = shape.top + shape.bottom;
  if (shape.press > 0.4 || shape.round > 0.8 || mood.gape * shape.rest > 0.3) return '';
  const x = -shape.width * mood.mouthWidth * 0.5;
  const y = open < 4 ? (shape.corner + mood.corner) * 0.1 + 2 : -shape.top * 0.72 + 1;
  return `M${n(x - 6)} ${n(y)} L${n(x + 1)} ${n(y + 12)} L${n(x + 7)} ${n(y + 1)}Z`;
}
