/** How her state shows in her bearing, as differences to the mood. Pure. */

import type { State } from '../../overlay/protocol';
import { blend, type Face } from './moods';

export interface Pose {
  /** Degrees, px and -1..1 as in `Face`. */
  readonly tilt: number;
  readonly nod: number;
  readonly turn: number;
  /** px she sinks (positive) or rises. */
  readonly sink: number;
  readonly gazeX: number;
  readonly gazeY: number;
  /** Factor on the eyes' opening. */
  readonly eyes: number;
  /** px the brows are lifted (negative). */
  readonly brows: number;
  /** How lively she moves, 1 is awake and still. */
  readonly life: number;
  readonly sealed: boolean;
  readonly dozing: number;
  readonly pondering: number;
}

const REST: Pose = {
  tilt: 0, nod: 0, turn: 0, sink: 0, gazeX: 0, gazeY: 0, eyes: 1, brows: 0, life: 1, sealed: false, dozing: 0, pondering: 0,
};

export const POSES: Readonly<Record<State, Pose>> = {
  idle: REST,
  listening: { ...REST, tilt: 7, nod: 4, turn: -0.45, gazeX: -0.55, gazeY: 0.35, eyes: 1.07, brows: -9, sink: -6 },
  thinking: { ...REST, tilt: -5, nod: -6, turn: 0.5, gazeX: 0.6, gazeY: -0.7, eyes: 0.9, brows: -4, pondering: 1 },
  talking: { ...REST, nod: 0, sink: -5, brows: -3, life: 1.8 },
  muted: { ...REST, tilt: -4, nod: 7, gazeX: -0.4, gazeY: 0.45, eyes: 0.74, sink: 6, life: 0.6, sealed: true },
  offline: { ...REST, tilt: 9, nod: 16, turn: -0.3, eyes: 0, brows: 5, sink: 14, life: 0.5, dozing: 1 },
};

type Numbers = { [K in keyof Pose]: Pose[K] extends number ? K : never }[keyof Pose];

/** The pose a part `share` of the way to the other. What cannot be blended comes at once. */
export function towards(from: Pose, to: Pose, share: number): Pose {
  const mixed: Record<string, number | boolean> = { sealed: to.sealed };
  for (const name of Object.keys(from) as (keyof Pose)[])
    if (name !== 'sealed') mixed[name] = from[name] + (to[name as Numbers] - from[name]) * share;
  return mixed as unknown as Pose;
}

/** The mood's face as she wears it in this pose. Asleep, no mood shows. */
export function worn(mood: Face, asleep: Face, pose: Pose): Face {
  const face = blend(mood, asleep, pose.dozing);
  return {
    ...face,
    eyeOpen: face.eyeOpen * pose.eyes,
    eyeSmile: pose.dozing > 0.5 ? 0 : face.eyeSmile,
    browLift: face.browLift + pose.brows,
    browLiftRight: face.browLiftRight + pose.brows,
    gazeX: face.gazeX + pose.gazeX,
    gazeY: face.gazeY + pose.gazeY,
    tilt: face.tilt + pose.tilt,
    nod: face.nod + pose.nod,
    turn: face.turn + pose.turn,
  };
}
