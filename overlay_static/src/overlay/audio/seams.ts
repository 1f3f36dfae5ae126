/**
 * Takes the edge off sound that stops or goes on in the middle of a word: a bare edge is heard as a click. Pure.
 */

const SEAM_S = 0.005;

export class Seams {
  private readonly frames: number;
  /** The last outputs, the newest at `newest`. */
  private readonly past: Float32Array;
  private newest = 0;
  private readonly tail: Float32Array;
  private tailAt: number;
  private risen: number;

  constructor(rate: number) {
    this.frames = Math.round(SEAM_S * rate);
    this.past = new Float32Array(this.frames + 1);
    this.tail = new Float32Array(this.frames);
    this.tailAt = this.frames;
    this.risen = this.frames;
  }

  /** The sound ends here: what follows is its mirror image, fading. So neither value nor slope jumps. */
  stop(): void {
    const size = this.past.length;
    const last = this.past[this.newest] as number;
    for (let k = 0; k < this.frames; k++) {
      const mirrored = 2 * last - (this.past[(this.newest - k - 1 + size) % size] as number);
      this.tail[k] = mirrored * (0.5 + 0.5 * Math.cos((Math.PI * (k + 1)) / this.frames));
    }
    this.tailAt = 0;
  }

  /** The sound comes in here, softly. */
  rise(): void {
    this.risen = 0;
  }

  /** The next output for the next sample of the sound (0 where there is none). */
  next(sample: number): number {
    let value = sample;
    if (this.risen < this.frames) value *= 0.5 - 0.5 * Math.cos((Math.PI * this.risen++) / this.frames);
    if (this.tailAt < this.frames) value += this.tail[this.tailAt++] as number;
    this.newest = (this.newest + 1) % this.past.length;
    this.past[this.newest] = value;
    return value;
  }
}
