/** The test of sound and mouth: beeps that go the way of speech, and flashes by the same clock. */

import type { RingEvent } from './audio/ring';
import { CLIP_RATE } from './audio/output';
import type { Lane } from './speech';

/** How long a beep is heard and its flash is lit: a few frames of video. */
export const BEEP_MS = 100;
const BEEP_HZ = 1000;
/** A quarter of full scale (-12 dB): heard well beside a game, never a shock. */
const LOUDNESS = 0.25 * 32767;
/** Short enough for a sharp beginning, long enough not to click. */
const EDGE_MS = 2;

/** One beep, and silence up to the next. */
export function beep(everyMs: number): Int16Array {
  const samples = new Int16Array((everyMs * CLIP_RATE) / 1000);
  const length = (BEEP_MS * CLIP_RATE) / 1000;
  const edge = (EDGE_MS * CLIP_RATE) / 1000;
  for (let i = 0; i < length; i++) {
    const loud = Math.min(1, i / edge, (length - i) / edge) * LOUDNESS;
    samples[i] = Math.round(Math.sin((2 * Math.PI * BEEP_HZ * i) / CLIP_RATE) * loud);
  }
  return samples;
}

interface Playing {
  readonly clip: number;
  readonly lane: Lane;
  readonly count: number;
  readonly everyMs: number;
  /** The last beep whose flash was shown. */
  flashed: number;
}

export class Calibration {
  private playing: Playing | null = null;
  /** Counted downwards, as speech counts its own clips upwards. */
  private clips = 0;

  constructor(private readonly lane: () => Lane) {}

  get busy(): boolean {
    return this.playing !== null;
  }

  /** So many beeps from now on, in the place of a test that is still going on. */
  play(count: number, everyMs: number): void {
    this.stop();
    if (count === 0) return;
    const clip = --this.clips;
    const lane = this.lane();
    const step = (everyMs * CLIP_RATE) / 1000;
    this.playing = { clip, lane, count, everyMs, flashed: 0 };
    const { output } = lane;
    output.order({ do: 'begin', clip, from: 0, cushion: 0 });
    output.order({ do: 'push', clip, offset: 0, samples: new Int16Array(step) });
    for (let number = 1; number <= count; number++) {
      output.order({ do: 'push', clip, offset: number * step, samples: beep(everyMs) });
    }
    output.order({ do: 'end', clip, total: (count + 1) * step });
  }

  stop(): void {
    const stopped = this.playing;
    this.playing = null;
    stopped?.lane.output.order({ do: 'interrupt', clip: stopped.clip });
  }

  /** Word from an output. */
  happened(events: readonly RingEvent[]): void {
    const over = events.some(({ clip, kind }) => clip === this.playing?.clip && (kind === 'end' || kind === 'cut'));
    if (over) this.playing = null;
  }

  /**
   * Whether the flash is lit in the picture that is drawn now, when the position of the sound that is heard is taken
   * through `shown`. A page too slow for a flash of `BEEP_MS` shows it late in one picture rather than not at all; so
   * late that it would seem to belong to no beep, it is left out.
   */
  lit(shown: (heardMs: number) => number): boolean {
    this.playing?.lane.output.tick();
    const { playing } = this;
    if (!playing) return false;
    const heard = playing.lane.clock.heard(playing.lane.output.heardAt());
    if (heard?.clip !== playing.clip) return false;
    const ms = shown(heard.ms);
    // The first beep comes one step in, so that a flash may come before it.
    const number = Math.floor(ms / playing.everyMs);
    if (number < 1 || number > playing.count) return false;
    const isNew = number > playing.flashed;
    playing.flashed = number;
    const late = ms - number * playing.everyMs;
    return late < BEEP_MS || (isNew && late < playing.everyMs / 2);
  }
}
