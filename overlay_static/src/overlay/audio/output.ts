import type { RingEvent } from './ring';

/** Samples per second of every clip (protocol: `rate` of `speech.begin`). */
export const CLIP_RATE = 24_000;

/** What the page asks of an output. Offsets are samples, `cushion` seconds; `interrupt` with null means every clip. */
export type RingOrder =
  | { readonly do: 'begin'; readonly clip: number; readonly from: number; readonly cushion: number }
  | { readonly do: 'push'; readonly clip: number; readonly offset: number; readonly samples: Int16Array }
  | { readonly do: 'end'; readonly clip: number; readonly total: number }
  | { readonly do: 'skip'; readonly clip: number; readonly to: number }
  | { readonly do: 'interrupt'; readonly clip: number | null };

/** Something that plays clips, or only pretends to: a worklet, buffers, silence. */
export interface Output {
  order(order: RingOrder): void;
  /** Seconds on the clock of the events' `at`, of the instant that leaves the loudspeaker now. */
  heardAt(): number;
  /** Moves the output on where it has no thread of its own. */
  tick(): void;
}

export type Listener = (events: readonly RingEvent[]) => void;

/** What is computed now is heard this many seconds later. Some engines report nothing. */
export function latencyOf(context: AudioContext): number {
  const latency = context.outputLatency;
  return Number.isFinite(latency) && latency > 0 ? latency : context.baseLatency || 0;
}
