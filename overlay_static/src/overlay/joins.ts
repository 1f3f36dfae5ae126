import { CLIP_RATE } from './audio/output';

/** 5 ms. */
const LEAD = CLIP_RATE / 200;

/**
 * Fits what is new of some sound between what is there already. The same sound coded twice differs a little, and the step from one
 * to the other would click. Pure.
 */
export class Joins {
  /** First and last values of everything that was fitted in, by where it begins and where it ends. */
  private readonly firsts = new Map<number, Edge>();
  private readonly lasts = new Map<number, Edge>();
  private coding = 0;

  /** What comes from here on is coded in another way, or once more. */
  codedAnew(): void {
    this.coding += 1;
  }

  /** The part from `from` to `to` of the samples that begin at `offset`. */
  fit(offset: number, samples: Int16Array, from: number, to: number): Int16Array {
    // A part goes to another thread with the memory it stands in, so it needs its own.
    const part = to - from === samples.length ? samples : samples.slice(from - offset, to - offset);
    const last = this.lasts.get(from);
    const first = this.firsts.get(to);
    const before = samples[from - offset - 1] ?? this.beyond(last, part, (n) => n);
    const after = samples[to - offset] ?? this.beyond(first, part, (n) => part.length - 1 - n);
    if (before !== undefined) lead(part, (last?.[0] ?? before) - before, (n) => n);
    if (after !== undefined) lead(part, (first?.[0] ?? after) - after, (n) => part.length - 1 - n);
    this.firsts.set(from, [part[0] as number, this.coding]);
    this.lasts.set(to, [part[part.length - 1] as number, this.coding]);
    return part;
  }

  /**
   * Another coding may meet the sound with the very edge of what is known of it: what it would have said beyond goes on as it is there.
   * Samples are counted by `place` from that edge.
   */
  private beyond(edge: Edge | undefined, part: Int16Array, place: (n: number) => number): number | undefined {
    if (!edge || edge[1] === this.coding) return undefined;
    const outer = part[place(0)] as number;
    return 2 * outer - (part[place(1)] ?? outer);
  }
}

type Edge = readonly [value: number, coding: number];

/** Adds a step that is gone after `LEAD` samples, counted by `place` from one end. */
function lead(part: Int16Array, step: number, place: (n: number) => number): void {
  const length = Math.min(LEAD, part.length);
  if (step === 0) return;
  for (let n = 0; n < length; n++) {
    const value = (part[place(n)] as number) + step * (0.5 + 0.5 * Math.cos((Math.PI * (n + 1)) / length));
    part[place(n)] = Math.max(-32768, Math.min(32767, Math.round(value)));
  }
}
