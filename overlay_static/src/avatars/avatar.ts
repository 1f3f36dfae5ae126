import type { Mood, State, Viseme } from '../overlay/protocol';

export const GESTURES = ['nod', 'tilt', 'lean', 'hop', 'shake', 'sway', 'wave'] as const;
export type Gesture = (typeof GESTURES)[number];

/** What an avatar is drawn from: the `avatar` object of `welcome` and `config`, as it came. */
export interface AvatarSpec {
  readonly kind: string;
  readonly [part: string]: unknown;
}

/** A character that can be seen. Every kind of avatar is one of these; none of them knows of sockets or sound. */
export interface Avatar {
  /** `weight` 0..1: how much of the shape. */
  setMouth(viseme: Viseme, weight: number): void;
  /** `ms`: time to change over; 0 changes at once. */
  setMood(mood: Mood, ms: number): void;
  setState(state: State): void;
  gesture(name: Gesture): void;
  /** Another look of the same kind. */
  setLook(spec: AvatarSpec): void;
  resize(): void;
  destroy(): void;
  /** One picture; `tMs` is any steady clock, `dtMs` the time since the last picture. */
  frame(tMs: number, dtMs: number): void;
}
