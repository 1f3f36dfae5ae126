import type { RingEvent } from './audio/ring';
import { CLIP_RATE, type Output } from './audio/output';
import { Clock, type Heard } from './clock';
import type { AckEvent, AudioFrame, ServerMessage } from './protocol';
import { Utterance } from './utterance';

/** An output and the clock that follows it. */
export interface Lane {
  readonly output: Output;
  readonly clock: Clock;
  /** Whether people can hear it: only then is there something to acknowledge. */
  readonly audible: boolean;
}

export interface SpeechEvents {
  ack(event: AckEvent, utterance: Pick<Utterance, 'utt' | 'turn'>, positionMs: number): void;
  missing(utt: number, seq: number): void;
  /** Something began or ended. */
  changed(): void;
}

export interface SpeechCounts {
  underruns: number;
  gaps: number;
  dropped: number;
}

/** Finished and interrupted utterances that are remembered, so that their late frames stay out. */
const REMEMBERED = 64;

/** The utterances of this page: takes the server's speech messages, plays them in order, knows what is heard now. */
export class Speech {
  readonly counts: SpeechCounts = { underruns: 0, gaps: 0, dropped: 0 };
  private readonly byKey = new Map<string, Utterance>();
  private readonly byClip = new Map<number, { utterance: Utterance; lane: Lane }>();
  private readonly over = new Set<string>();
  private fence = 0;
  private clips = 0;

  constructor(
    private readonly lane: () => Lane,
    private readonly later: (run: () => void, ms: number) => void,
    private readonly events: SpeechEvents,
  ) {}

  get busy(): boolean {
    return this.byClip.size > 0;
  }

  /** The highest fence seen. */
  get newest(): number {
    return this.fence;
  }

  /** False for messages of a run that was replaced. A new run ends what the old one left unfinished. */
  admits(fence: number | null): boolean {
    if (fence === null || fence === this.fence) return true;
    if (fence < this.fence) {
      this.counts.dropped++;
      return false;
    }
    this.fence = fence;
    for (const { utterance, lane } of this.byClip.values()) {
      utterance.end(utterance.length);
      lane.output.order({ do: 'end', clip: utterance.clip, total: utterance.length });
    }
    return true;
  }

  take(message: Extract<ServerMessage, { t: 'speech.begin' | 'sentence' | 'mouth' | 'speech.end' }>): void {
    const turn = message.t === 'speech.begin' ? message.turn : '';
    const utterance = this.find(message.fence, message.utt, turn);
    if (!utterance) return;
    if (message.t === 'sentence') utterance.sentences.add(message);
    if (message.t === 'mouth') utterance.mouth.add(message.keys);
    if (message.t === 'speech.end') {
      utterance.end(message.samples);
      this.laneOf(utterance).output.order({ do: 'end', clip: utterance.clip, total: message.samples });
    }
  }

  frame(frame: AudioFrame): void {
    if (!this.admits(frame.fence)) return;
    const known = this.byKey.has(keyOf(frame.fence, frame.utt));
    const utterance = this.find(frame.fence, frame.utt, '');
    if (!utterance) {
      this.counts.dropped++;
      return;
    }
    if (!known) utterance.joinAt(frame.seq);
    const { fresh, hole } = utterance.admit(frame.seq);
    if (hole !== null) this.events.missing(frame.utt, hole);
    if (!fresh) {
      this.counts.dropped++;
      return;
    }
    utterance.heardSound(frame.offset, frame.samples);
    const { clip } = utterance;
    this.laneOf(utterance).output.order({ do: 'push', clip, offset: frame.offset, samples: frame.samples });
  }

  /** Silence now, for one utterance of the present run or, with null, for all. */
  interrupt(utt: number | null): void {
    const hit = [...this.byClip.values()].filter(({ utterance }) => utt === null || utterance.utt === utt);
    for (const { utterance, lane } of hit) {
      this.remember(keyOf(utterance.fence, utterance.utt));
      lane.output.order({ do: 'interrupt', clip: utterance.clip });
    }
    if (utt !== null && hit.length === 0) {
      this.remember(keyOf(this.fence, utt));
      if (this.lane().audible) this.events.ack('interrupted', { utt, turn: '' }, 0);
    }
  }

  /** What is heard of which utterance. */
  now(): { utterance: Utterance; heard: Heard } | null {
    let quiet: { utterance: Utterance; heard: Heard } | null = null;
    for (const lane of new Set([...this.byClip.values()].map((one) => one.lane))) {
      lane.output.tick();
      const heard = lane.clock.heard(lane.output.heardAt());
      const utterance = heard && this.byClip.get(heard.clip)?.utterance;
      if (!heard || !utterance || this.over.has(keyOf(utterance.fence, utterance.utt))) continue;
      if (heard.playing) return { utterance, heard };
      quiet = { utterance, heard };
    }
    return quiet;
  }

  /** Word from an output. */
  happened(lane: Lane, events: readonly RingEvent[]): void {
    for (const event of events) {
      lane.clock.add(event);
      if (event.kind === 'gap') this.counts.gaps++;
      if (event.kind === 'pause') this.counts.underruns++;
      const utterance = this.byClip.get(event.clip)?.utterance;
      if (!utterance) continue;
      if (event.kind === 'cut') this.heardOf(utterance, lane, event);
      else this.later(() => this.heardOf(utterance, lane, event), Math.max(0, event.at - lane.output.heardAt()) * 1000);
    }
  }

  /** The lane died (its sound device went away): what it held is over. */
  abandon(lane: Lane): void {
    for (const { utterance } of [...this.byClip.values()].filter((one) => one.lane === lane)) this.forget(utterance);
    lane.clock.clear();
    lane.output.order({ do: 'interrupt', clip: null });
    this.events.changed();
  }

  private heardOf(utterance: Utterance, lane: Lane, event: RingEvent): void {
    const acks: Partial<Record<RingEvent['kind'], AckEvent>> = {
      play: 'playing',
      pause: 'underrun',
      end: 'ended',
      cut: 'interrupted',
    };
    const wasCut = this.over.has(keyOf(utterance.fence, utterance.utt));
    if (wasCut && (event.kind === 'play' || event.kind === 'pause')) return;
    const ack = acks[event.kind];
    if (ack && lane.audible) this.events.ack(ack, utterance, (event.sample / CLIP_RATE) * 1000);
    if (event.kind === 'end' || event.kind === 'cut') this.forget(utterance);
    this.events.changed();
  }

  private find(fence: number, utt: number, turn: string): Utterance | null {
    const key = keyOf(fence, utt);
    const known = this.byKey.get(key);
    if (known || this.over.has(key)) return known ?? null;
    const utterance = new Utterance(++this.clips, fence, utt, turn);
    const lane = this.lane();
    this.byKey.set(key, utterance);
    this.byClip.set(utterance.clip, { utterance, lane });
    lane.output.order({ do: 'begin', clip: utterance.clip });
    return utterance;
  }

  private laneOf(utterance: Utterance): Lane {
    return this.byClip.get(utterance.clip)?.lane ?? this.lane();
  }

  private forget(utterance: Utterance): void {
    const key = keyOf(utterance.fence, utterance.utt);
    this.remember(key);
    this.byKey.delete(key);
    this.byClip.delete(utterance.clip);
  }

  private remember(key: string): void {
    this.over.add(key);
    for (const oldest of this.over) {
      if (this.over.size <= REMEMBERED) break;
      this.over.delete(oldest);
    }
  }
}

function keyOf(fence: number, utt: number): string {
  return `${fence}:${utt}`;
}
