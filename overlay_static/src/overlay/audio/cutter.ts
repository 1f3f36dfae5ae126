import { HalfBand } from './half_band';
import { CLIP_RATE } from './output';

/**
 * Puts what a decoder gives out into its place: leaves out its lead-in, brings it to the clip's rate, and hands it over frame by
 * frame, as PCM would come. Pure.
 */
export class Cutter {
  private readonly half = new HalfBand();
  private readonly parts: Float32Array[] = [];
  private there = 0;
  private readonly ends: number[] = [];

  /** The stream's sound begins at sample `at`, behind `skip` samples that belong to nothing. */
  constructor(
    private at: number,
    private skip: number,
    private readonly sound: (offset: number, samples: Int16Array) => void,
  ) {}

  /** A frame's sound ends at this sample. */
  expect(end: number): void {
    this.ends.push(end);
  }

  /** The decoder's next output. False for a rate that is not ours. */
  add(samples: Float32Array, rate: number): boolean {
    if (rate !== CLIP_RATE && rate !== 2 * CLIP_RATE) return false;
    const all = rate === CLIP_RATE ? samples : this.half.take(samples);
    const kept = all.subarray(Math.min(this.skip, all.length));
    this.skip -= all.length - kept.length;
    this.parts.push(kept);
    this.there += kept.length;
    for (let end = this.ends[0]; end !== undefined && end <= this.at + this.there; end = this.ends[0]) {
      this.ends.shift();
      if (end > this.at) this.hand(end - this.at);
    }
    return true;
  }

  private hand(length: number): void {
    const samples = new Int16Array(length);
    for (let filled = 0; filled < length; ) {
      const part = this.parts[0] as Float32Array;
      const taken = part.subarray(0, length - filled);
      taken.forEach((value, n) => (samples[filled + n] = Math.round(Math.max(-1, Math.min(1, value)) * 32767)));
      filled += taken.length;
      if (taken.length === part.length) this.parts.shift();
      else this.parts[0] = part.subarray(taken.length);
    }
    const offset = this.at;
    this.at += length;
    this.there -= length;
    this.sound(offset, samples);
  }
}
