/** Which instant of which utterance is heard now. Pure. */

import type { RingEvent } from './audio/ring';

/** Heard: the clip and its position; `playing` is false in pauses. */
export interface Heard {
  readonly clip: number;
  readonly ms: number;
  readonly playing: boolean;
}

/** Anchors older than this are of no use: no output lags so far behind. */
const KEEP_S = 5;

/**
 * The sound's starts and stops. Sound is heard later than it is computed, so the newest anchor often lies in the future
 * and an older one rules.
 */
export class Clock {
  private anchors: RingEvent[] = [];

  constructor(private readonly clipRate: number) {}

  add(event: RingEvent): void {
    if (event.kind === 'gap') return;
    this.anchors.push(event);
    while (this.anchors.length > 2 && (this.anchors[1] as RingEvent).at < event.at - KEEP_S) this.anchors.shift();
  }

  /** What is heard at the time `at`, or null when nothing is going on. */
  heard(at: number): Heard | null {
    let ruling: RingEvent | null = null;
    for (const anchor of this.anchors) if (anchor.at <= at) ruling = anchor;
    if (!ruling || (ruling.kind !== 'play' && ruling.kind !== 'pause')) return null;
    const playing = ruling.kind === 'play';
    const since = playing ? at - ruling.at : 0;
    return { clip: ruling.clip, ms: (ruling.sample / this.clipRate + since) * 1000, playing };
  }

  clear(): void {
    this.anchors = [];
  }
}

/**
 * The position to choose the mouth by. A frame is seen on average half a frame after it is drawn, so the mouth leads by
 * that; a positive offset makes it later, for sound that reaches viewers later than the page can know.
 */
export function mouthMs(heardMs: number, frameMs: number, offsetMs: number): number {
  return heardMs + Math.min(frameMs, 50) / 2 - offsetMs;
}
