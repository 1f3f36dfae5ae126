/** What each mood does to the face, as numbers, so that any two can be blended. Pure. */

import type { Mood } from '../../overlay/protocol';

export interface Face {
  /** Brows: height (px, down is positive) and tilt (px, positive: inner end down), for her left and right. */
  browLift: number;
  browTilt: number;
  browLiftRight: number;
  browTiltRight: number;
  /** Eyes: 0 shut, 1 open; how much a shut eye is a smiling arc; slant of the upper lid; lift of the lower lid. */
  eyeOpen: number;
  eyeSmile: number;
  lidSlant: number;
  lowerLid: number;
  iris: number;
  gazeX: number;
  gazeY: number;
  /** Mouth: corners (px, up is negative), width factor, skew (px one corner above the other). */
  corner: number;
  mouthWidth: number;
  skew: number;
  /** Lips parted while she says nothing, 0..1. */
  gape: number;
  blush: number;
  blushLines: number;
  tear: number;
  sweat: number;
  vein: number;
  sparkle: number;
  /** Head: tilt in degrees, nod in px (down is positive), turn -1..1. */
  tilt: number;
  nod: number;
  turn: number;
}

const NEUTRAL: Face = {
  browLift: 0, browTilt: 0, browLiftRight: 0, browTiltRight: 0,
  eyeOpen: 1, eyeSmile: 0, lidSlant: 0, lowerLid: 0, iris: 1, gazeX: 0, gazeY: 0,
  corner: 0, mouthWidth: 1, skew: 0, gape: 0,
  blush: 0.5, blushLines: 0, tear: 0, sweat: 0, vein: 0, sparkle: 0,
  tilt: 0, nod: 0, turn: 0,
};

export const FACES: Readonly<Record<Mood, Face>> = {
  neutral: NEUTRAL,
  happy: {
    ...NEUTRAL, browLift: -11, browTilt: -3, browLiftRight: -11, browTiltRight: -3,
    eyeOpen: 0, eyeSmile: 1, corner: -8, mouthWidth: 1.12, blush: 0.95, sparkle: 1, tilt: 3, nod: -3,
  },
  sad: {
    ...NEUTRAL, browLift: -2, browTilt: -22, browLiftRight: -2, browTiltRight: -22,
    eyeOpen: 0.8, lidSlant: -13, gazeY: 0.3, gazeX: -0.15, corner: 17, mouthWidth: 0.84, blush: 0.4, tear: 1, tilt: -3, nod: 8,
  },
  angry: {
    ...NEUTRAL, browLift: 9, browTilt: 25, browLiftRight: 9, browTiltRight: 25,
    eyeOpen: 0.76, lidSlant: 19, lowerLid: 7, iris: 0.86, corner: 16, mouthWidth: 0.9, blush: 0.55, vein: 1, nod: 5,
  },
  surprised: {
    ...NEUTRAL, browLift: -21, browTilt: -3, browLiftRight: -21, browTiltRight: -3,
    eyeOpen: 1.16, iris: 0.76, corner: 7, mouthWidth: 0.6, gape: 1, blush: 0.5, nod: -7,
  },
  shy: {
    ...NEUTRAL, browLift: -3, browTilt: -12, browLiftRight: -3, browTiltRight: -12,
    eyeOpen: 0.86, lidSlant: -5, lowerLid: 3, gazeX: -0.75, gazeY: 0.5, corner: -2, mouthWidth: 0.78,
    blush: 1.5, blushLines: 1, sweat: 1, tilt: 5, nod: 6, turn: -0.35,
  },
  smug: {
    ...NEUTRAL, browLift: 10, browTilt: 14, browLiftRight: -20, browTiltRight: -4,
    eyeOpen: 0.52, lidSlant: 8, lowerLid: 13, gazeX: 0.45, gazeY: 0.1, corner: -5, mouthWidth: 1.12, skew: 24,
    blush: 0.8, tilt: -8, nod: -8, turn: 0.4,
  },
  thinking: {
    ...NEUTRAL, browLift: 2, browTilt: 4, browLiftRight: -13, browTiltRight: -4,
    eyeOpen: 0.94, gazeX: 0.65, gazeY: -0.75, corner: 8, mouthWidth: 0.66, skew: -5, blush: 0.5, tilt: 5, nod: -3, turn: 0.3,
  },
};

/** The face a part `share` (0..1) of the way from one to the other. */
export function blend(from: Face, to: Face, share: number): Face {
  const mixed: Face = { ...from };
  for (const name of Object.keys(from) as (keyof Face)[]) mixed[name] = from[name] + (to[name] - from[name]) * share;
  return mixed;
}
