import type { RingEvent } from './audio/ring';
import { CLIP_RATE, type Output } from './audio/output';
import { Clock, type Heard } from './clock';
import type { OpenDecoding } from './decoding';
import { pcmOf, type AckEvent, type AudioFrame, type Encoding, type Had, type ServerMessage } from './protocol';
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
  /** Frames from `seq` on are not here; null for a page that has none. */
  missing(utt: number, seq: number | null): void;
  /** Sound that is not PCM cannot be decoded here after all. */
  undecodable(): void;
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
/** Frames of an utterance that was never announced are asked for again after this time. */
const ASK_AFTER_MS = 300;
/** What was sent has come by then, or never will: a server holds nothing back for longer than 500 ms. */
const CHECK_AFTER_MS = 700;
/** An utterance whose sound stopped and of which nothing comes for so long may be over without this page knowing. */
const DOUBT_AFTER_MS = 1000;
/** A silent page that is so far behind the one that is heard leaves out what lies between. */
const BEHIND_MS = 200;

/** The utterances of this page: takes the server's speech messages, plays them in order, knows what is heard now. */
export class Speech {
  readonly counts: SpeechCounts = { underruns: 0, gaps: 0, dropped: 0 };
  /** Another page is heard: this one keeps in step with it. */
  follows = true;
  private readonly byKey = new Map<string, Utterance>();
  private readonly byClip = new Map<number, { utterance: Utterance; lane: Lane }>();
  private readonly over = new Set<string>();
  private readonly asked = new Set<string>();
  private fence = 0;
  private clips = 0;

  constructor(
    private readonly lane: () => Lane,
    private readonly cushion: () => number,
    private readonly later: (run: () => void, ms: number) => void,
    private readonly events: SpeechEvents,
    private readonly openOpus: () => OpenDecoding | null,
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

  /** What is still played, and the next frame that is needed of each. */
  get had(): Had[] {
    return [...this.byKey.values()].map(({ fence, utt, needs }) => [fence, utt, needs] as const);
  }

  /** A new connection: what it sends of an utterance is sound once it has announced how it is coded. */
  reconnected(): void {
    for (const utterance of this.byKey.values()) utterance.announced = false;
  }

  take(message: Extract<ServerMessage, { t: 'speech.begin' | 'sentence' | 'words' | 'mouth' | 'speech.sent' | 'speech.end' }>): void {
    if (message.t === 'speech.begin') this.begin(message);
    if (message.t === 'speech.sent' || message.t === 'speech.end') this.compare(message);
    const utterance = this.byKey.get(keyOf(message.fence, message.utt));
    if (!utterance) return;
    if (message.t === 'sentence') utterance.sentences.add(message);
    if (message.t === 'words') utterance.sentences.time(message.at, message.words);
    if (message.t === 'mouth') utterance.mouth.add(message.keys);
    if ((message.t === 'speech.sent' || message.t === 'speech.end') && message.whole && !utterance.ended) {
      utterance.end(message.samples);
      this.laneOf(utterance).output.order({ do: 'end', clip: utterance.clip, total: message.samples });
    }
  }

  frame(frame: AudioFrame): void {
    if (!this.admits(frame.fence)) return;
    const key = keyOf(frame.fence, frame.utt);
    const utterance = this.byKey.get(key);
    if (!utterance?.announced) {
      if (this.over.has(key)) this.counts.dropped++;
      else this.askFor(frame.fence, frame.utt);
      return;
    }
    const hole = utterance.admit(frame.seq, frame.offset);
    if (hole !== null) this.events.missing(frame.utt, hole);
    if (utterance.decoding) utterance.decoding.take(frame.body);
    else if (utterance.enc === 'pcm_s16le') this.sound(utterance, frame.offset, pcmOf(frame.body), frame.seq + 1);
  }

  /** So much was sent by now: what of it has not come was lost, though no later frame shows the hole. */
  private compare({ fence, utt, seq, samples }: { fence: number; utt: number; seq: number; samples: number }): void {
    const key = keyOf(fence, utt);
    if (this.over.has(key)) return;
    const utterance = this.byKey.get(key);
    if (!utterance?.announced) {
      this.askFor(fence, utt);
      return;
    }
    utterance.sent(seq, samples);
    this.later(() => {
      // Of a newer run the same number means another utterance.
      const stands = fence === this.fence && this.byKey.get(key) === utterance && utterance.announced;
      if (stands && utterance.needs < seq) this.events.missing(utt, utterance.needs);
    }, CHECK_AFTER_MS);
  }

  /** The sound has stopped. Where it goes on is up to the server, whose word that it is over may have been lost. */
  private doubt(utterance: Utterance, lane: Lane): void {
    const { length, needs } = utterance;
    this.later(() => {
      const heard = lane.clock.heard(lane.output.heardAt());
      const stands = this.byClip.has(utterance.clip) && heard?.clip === utterance.clip && !heard.playing;
      if (stands && utterance.fence === this.fence && utterance.length === length) this.events.missing(utterance.utt, needs);
    }, DOUBT_AFTER_MS);
  }

  /** Tells a server that may have lost count where the sound stands. */
  report(): void {
    for (const { utterance, lane } of this.byClip.values()) {
      const heard = lane.clock.heard(lane.output.heardAt());
      if (!lane.audible || heard?.clip !== utterance.clip) continue;
      this.events.ack(heard.playing ? 'playing' : 'underrun', utterance, heard.ms);
    }
  }

  /** Silence now, for one utterance of the present run or, with null, for all. */
  interrupt(utt: number | null): void {
    // Numbers begin anew with each run: one of an older run is another utterance.
    const hit = [...this.byClip.values()].filter(({ utterance }) => utt === null || (utterance.utt === utt && utterance.fence === this.fence));
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

  /** Sound may be made now: what has begun without is told again, and heard from where it stands. */
  becameAudible(): void {
    for (const { utterance, lane } of [...this.byClip.values()]) {
      if (lane.audible) continue;
      this.drop(utterance);
      lane.output.order({ do: 'interrupt', clip: utterance.clip });
      if (utterance.fence === this.fence) this.askFor(utterance.fence, utterance.utt);
    }
  }

  /** The lane died (its sound device went away): what it held is over. */
  abandon(lane: Lane): void {
    for (const { utterance } of [...this.byClip.values()].filter((one) => one.lane === lane)) this.forget(utterance);
    lane.clock.clear();
    lane.output.order({ do: 'interrupt', clip: null });
    this.events.changed();
  }

  /** Sound of an utterance has come, or was decoded while it may have ended. `next`: the frame that begins where it ends. */
  private sound(utterance: Utterance, offset: number, samples: Int16Array | null, next?: number): void {
    const { clip } = utterance;
    if (!samples || !this.byClip.has(clip)) return;
    const pieces = utterance.heardSound(offset, samples, next);
    if (pieces.length === 0) this.counts.dropped++;
    for (const piece of pieces) this.laneOf(utterance).output.order({ do: 'push', clip, ...piece });
  }

  /** As the sound of the utterance is coded from here on. */
  private decode(utterance: Utterance, enc: Encoding): void {
    utterance.decoding?.close();
    utterance.enc = enc;
    const open = enc === 'opus' ? this.openOpus() : null;
    utterance.decoding =
      open?.({
        sound: (offset, samples) => this.sound(utterance, offset, samples),
        failed: () => this.events.undecodable(),
      }) ?? null;
  }

  private heardOf(utterance: Utterance, lane: Lane, event: RingEvent): void {
    const acks: Partial<Record<RingEvent['kind'], AckEvent>> = {
      play: 'playing',
      pause: 'underrun',
      end: 'ended',
      cut: 'interrupted',
    };
    if (!this.byClip.has(event.clip)) return;
    const wasCut = this.over.has(keyOf(utterance.fence, utterance.utt));
    if (wasCut && (event.kind === 'play' || event.kind === 'pause')) return;
    const ack = acks[event.kind];
    if (ack && lane.audible) this.events.ack(ack, utterance, (event.sample / CLIP_RATE) * 1000);
    if (event.kind === 'pause') this.doubt(utterance, lane);
    if (event.kind === 'end' || event.kind === 'cut') this.forget(utterance);
    if (event.kind === 'lost') this.drop(utterance);
    this.events.changed();
  }

  /** A page that comes in the middle begins where the others are; one that has the utterance goes on where it stopped. */
  private begin({ fence, utt, turn, enc, from, seq }: Extract<ServerMessage, { t: 'speech.begin' }>): void {
    const key = keyOf(fence, utt);
    if (this.over.has(key)) return;
    const sample = Math.round((from * CLIP_RATE) / 1000);
    const known = this.byKey.get(key);
    if (known) {
      known.announced = true;
      if (known.enc !== enc) {
        this.decode(known, enc);
        if (seq > known.needs) this.events.missing(utt, known.needs);
      }
      const { output, clock } = this.laneOf(known);
      const heard = clock.heard(output.heardAt());
      if (this.follows && heard?.clip === known.clip && heard.ms < from - BEHIND_MS) output.order({ do: 'skip', clip: known.clip, to: sample });
      return;
    }
    const utterance = new Utterance(++this.clips, fence, utt, turn, seq);
    this.decode(utterance, enc);
    const lane = this.lane();
    this.byKey.set(key, utterance);
    this.byClip.set(utterance.clip, { utterance, lane });
    lane.output.order({ do: 'begin', clip: utterance.clip, from: sample, cushion: this.cushion() });
  }

  /** Its announcement was lost, or is on its way to a page that has just come. */
  private askFor(fence: number, utt: number): void {
    const key = keyOf(fence, utt);
    if (this.asked.has(key)) return;
    this.asked.add(key);
    this.later(() => {
      this.asked.delete(key);
      const utterance = this.byKey.get(key);
      if (fence === this.fence && !utterance?.announced && !this.over.has(key)) this.events.missing(utt, utterance?.needs ?? null);
    }, ASK_AFTER_MS);
  }

  private laneOf(utterance: Utterance): Lane {
    return this.byClip.get(utterance.clip)?.lane ?? this.lane();
  }

  private forget(utterance: Utterance): void {
    this.remember(keyOf(utterance.fence, utterance.utt));
    this.drop(utterance);
  }

  /** Unknown from here on, but not over: it may be announced again. */
  private drop(utterance: Utterance): void {
    utterance.decoding?.close();
    this.byKey.delete(keyOf(utterance.fence, utterance.utt));
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
