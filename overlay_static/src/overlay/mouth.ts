/** The mouth of one utterance by position. Pure. */

import type { MouthKey, Viseme } from './protocol';

export interface Mouth {
  readonly viseme: Viseme;
  readonly weight: number;
}

export const SHUT: Mouth = { viseme: 'sil', weight: 1 };

/** Lips that meet too briefly are not seen to meet. */
const CLOSURE_MS = 50;
const CLOSURES = new Set<Viseme>(['PP', 'FF']);

export class MouthTimeline {
  private keys: MouthKey[] = [];

  get empty(): boolean {
    return this.keys.length === 0;
  }

  /** New keys replace all known ones at or after the first of them. */
  add(keys: readonly MouthKey[]): void {
    const first = keys[0];
    if (!first) return;
    this.keys.length = this.indexAt(first.at, false) + 1;
    this.keys.push(...keys);
  }

  /** The key that holds at `ms`, or null before the first. */
  at(ms: number): MouthKey | null {
    const index = this.indexAt(ms, true);
    const before = this.keys[index - 1];
    if (before && CLOSURES.has(before.viseme) && ms - before.at < CLOSURE_MS) return before;
    return this.keys[index] ?? null;
  }

  /** Index of the last key before `ms` (or at it, when `including`); -1 when there is none. */
  private indexAt(ms: number, including: boolean): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = (this.keys[middle] as MouthKey).at;
      if (at < ms || (including && at === ms)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** How loud the utterance is in steps of `STEP_MS`: the mouth of sound that has no keys yet. */
export class Envelope {
  static readonly STEP_MS = 20;
  private readonly loudness: number[] = [];

  constructor(private readonly rate: number) {}

  /** `offset` is the sample the sound begins at. */
  add(offset: number, samples: Int16Array): void {
    const step = (this.rate * Envelope.STEP_MS) / 1000;
    for (let i = 0; i < samples.length; ) {
      const index = Math.floor((offset + i) / step);
      const until = Math.min(samples.length, Math.ceil((index + 1) * step - offset));
      let sum = 0;
      for (let n = i; n < until; n++) sum += (samples[n] as number) ** 2;
      const rms = Math.sqrt(sum / Math.max(1, until - i)) / 32768;
      this.loudness[index] = Math.max(this.loudness[index] ?? 0, rms);
      i = Math.max(until, i + 1);
    }
  }

  at(ms: number): Mouth {
    const loud = this.loudness[Math.floor(ms / Envelope.STEP_MS)] ?? 0;
    if (loud < 0.015) return SHUT;
    const weight = Math.min(1, 0.35 + loud * 4);
    return { viseme: loud < 0.06 ? 'E' : 'aa', weight };
  }
}
