/** How her lips go from shape to shape: quickly together, a little slower apart. Pure: time is given. */

import type { Viseme } from '../../overlay/protocol';
import { mixMouths, weighted, type MouthShape } from './mouths';

/** Time constants of easing, s: nine tenths of the way take 2.3 times as long (74 ms to open, 18 ms to meet). */
const OPEN_S = 0.032;
const MEET_S = 0.008;
/** Lips that are told to meet keep at it so long, ms: 22 to come together and 50 to be seen together. */
const MET_MS = 72;
/** px between the lips from which on they count as meeting. */
const MEETING = 13;
/** A difference in a shape's numbers (px, or shares of 1) that shows. */
const SEEN = 0.02;

const CLOSURES: ReadonlySet<Viseme> = new Set(['PP', 'FF']);

export class Lips {
  shape: MouthShape = weighted('sil', 1);
  private target: MouthShape = this.shape;
  private next: MouthShape | null = null;
  private metUntil = -1;

  aim(viseme: Viseme, weight: number, tMs: number): void {
    const shape = weighted(viseme, weight);
    if (CLOSURES.has(viseme)) {
      this.target = shape;
      this.next = null;
      this.metUntil = tMs + MET_MS;
    } else if (tMs < this.metUntil) {
      this.next = shape;
    } else {
      this.target = shape;
    }
  }

  step(tMs: number, seconds: number): void {
    if (this.next && tMs >= this.metUntil) {
      this.target = this.next;
      this.next = null;
    }
    const meeting = this.target.top + this.target.bottom < MEETING;
    this.shape = mixMouths(this.shape, this.target, 1 - Math.exp(-seconds / (meeting ? MEET_S : OPEN_S)));
  }

  /** Whether the shape that was aimed at is reached, but for what nobody sees. */
  get still(): boolean {
    const { shape, target } = this;
    return !this.next && (Object.keys(shape) as (keyof MouthShape)[]).every((name) => Math.abs(shape[name] - target[name]) < SEEN);
  }

  /** How far her mouth is open, about 0..1. */
  get opening(): number {
    return (this.shape.top + this.shape.bottom) / 60;
  }
}
