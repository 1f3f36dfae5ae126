/** How steadily the page gets to run. Pure. */

/** Sound collected before speech begins on a page that runs steadily, seconds. Fast voices have it there at once. */
const LEAST_S = 0.1;
/** No delay before she speaks is worth more than this. */
const MOST_S = 0.3;
/** A pause of the page is expected again for about this long. */
const FORGET_S = 4;
/** Longer pauses are those of a hidden page, not of a busy one. */
const HIDDEN_MS = 1000;

export class Pace {
  /** Time between two frames, on average. */
  frameMs = 16;
  private longest = 0;
  private last: number | null = null;

  /** An animation frame at `now` (ms). */
  frame(now: number): void {
    const passed = this.last === null ? 0 : now - this.last;
    this.last = now;
    if (passed <= 0 || passed > HIDDEN_MS) return;
    this.frameMs += (passed - this.frameMs) * 0.05;
    this.longest = Math.max(passed, this.longest * Math.exp(-passed / 1000 / FORGET_S));
  }

  get fps(): number {
    return 1000 / this.frameMs;
  }

  /** Seconds of sound to collect before speech begins, so that the next pause like the longest of late is not heard. */
  get cushion(): number {
    return Math.min(MOST_S, Math.max(LEAST_S, (this.longest * 1.25) / 1000));
  }
}
