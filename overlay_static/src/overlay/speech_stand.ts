/** For the tests of speech. */

import type { RingOrder } from './audio/output';
import { Clock } from './clock';
import type { DecodingEvents } from './decoding';
import type { Encoding } from './protocol';
import { Speech, type Lane } from './speech';

export const RATE = 24_000;

/** The page's speech over an output that only notes its orders. */
export class Stand {
  readonly orders: RingOrder[] = [];
  readonly acks: string[] = [];
  readonly missing: [number, number | null][] = [];
  readonly later: (() => void)[] = [];
  now = 0;
  enc: Encoding = 'pcm_s16le';
  readonly decoders: DecodingEvents[] = [];
  taken = 0;
  closed = 0;
  undecodable = 0;
  readonly lane: Lane = {
    audible: true,
    clock: new Clock(RATE),
    output: { order: (order) => void this.orders.push(order), heardAt: () => this.now, tick: () => undefined },
  };
  readonly speech = new Speech(
    () => this.lane,
    () => 0.04,
    (run) => void this.later.push(run),
    {
      ack: (event, { utt }, ms) => void this.acks.push(`${event} ${utt} ${Math.round(ms)}`),
      missing: (utt, seq) => void this.missing.push([utt, seq]),
      undecodable: () => void this.undecodable++,
      changed: () => undefined,
    },
    () => (events) => {
      this.decoders.push(events);
      return { take: () => void this.taken++, close: () => void this.closed++ };
    },
  );

  /** `seq`: the frame it begins with when it begins in the middle (of 40 ms each). */
  begin(utt: number, from = 0, fence = 1): void {
    this.speech.admits(fence);
    this.speech.take({ t: 'speech.begin', fence, utt, turn: 'turn', enc: this.enc, from, seq: Math.floor(from / 40) });
  }

  frame(utt: number, seq: number, fence = 1): void {
    this.speech.frame({ fence, utt, seq, offset: seq * 960, body: new Uint8Array(1920) });
  }

  plays(ms: number, kind: 'play' | 'pause' = 'play'): void {
    this.speech.happened(this.lane, [{ kind, clip: 1, at: this.now, sample: (ms * RATE) / 1000 }]);
  }

  /** So many frames (of 40 ms each) were sent. */
  sent(utt: number, seq: number, whole = false, fence = 1): void {
    if (!this.speech.admits(fence)) return;
    this.speech.take({ t: 'speech.sent', fence, utt, seq, samples: seq * 960, whole });
  }

  /** The time of everything that waits has come. */
  laterComes(): void {
    this.later.splice(0).forEach((run) => run());
  }

  did(): string[] {
    return this.orders.map((order) => order.do);
  }
}
