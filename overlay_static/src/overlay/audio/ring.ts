/**
 * The sound of one utterance after another, read at the speed of an output. Pure: it runs inside the AudioWorklet, on the page
 * where there is no AudioWorklet, and without any sound as the clock of pages that stay silent.
 *
 * Positions are clip samples from the utterance's first sample; times (`at`, `now`) are seconds of the output's clock.
 */

import { Seams } from './seams';

/** Something that is (or, given the output's latency, will be) heard at the time `at`. */
export interface RingEvent {
  /**
   * play and pause bound what is audible; end and cut are the last word on a clip; lost is the end of one whose rest stayed away
   * and may come yet; gap reports sound that never came.
   */
  readonly kind: 'play' | 'pause' | 'end' | 'cut' | 'lost' | 'gap';
  readonly clip: number;
  readonly at: number;
  readonly sample: number;
}

/** Sound wanted before a clip begins when it comes no faster than it plays, and after each underrun. */
const CAUTIOUS_S = 0.15;
/** How much faster than it plays sound must come to count as fast. */
const FAST = 1.5;
/** How long its coming is watched before a clip can count as fast: the first piece of every voice comes at once. */
const WATCH_S = 0.03;
/** In which an interrupted clip falls silent. */
export const FADE_S = 0.008;
/** A clip that gets no more sound is given up after this time, so that the next one is not blocked for ever. */
const STARVED_S = 10;
/** The same, once everything was sent: what was lost of it has been told again by then, or its run is gone. */
const STARVED_COMPLETE_S = 3;

const NOTHING: readonly RingEvent[] = [];

interface Chunk {
  readonly offset: number;
  readonly samples: Int16Array;
}

interface Clip {
  readonly id: number;
  readonly chunks: Chunk[];
  /** Sound wanted before it begins when it comes faster than it plays, seconds. */
  readonly cushion: number;
  position: number;
  total: number | null;
  /** Samples that came after the first piece, and when that came. */
  followed: number;
  firstAt: number | null;
  touchedAt: number;
  inGap: boolean;
}

export class Ring {
  private readonly clips: Clip[] = [];
  private readonly step: number;
  private readonly seams: Seams;
  private events: RingEvent[] = [];
  private playing = false;
  /** Output frames left of the fade that ends an interrupted clip; null while nothing is cut. */
  private fade: number | null = null;

  constructor(
    private readonly clipRate: number,
    private readonly outputRate: number,
  ) {
    this.step = clipRate / outputRate;
    this.seams = new Seams(outputRate);
  }

  /** Whether a clip sounds now. */
  get sounding(): boolean {
    return this.playing;
  }

  /** The clip that sounds or is waited for. */
  get current(): number | null {
    return this.clips[0]?.id ?? null;
  }

  get idle(): boolean {
    return this.clips.length === 0;
  }

  /** A new clip, heard from sample `from` on. `cushion`: seconds of sound to collect before a clip that comes fast begins. */
  begin(id: number, from: number, cushion: number, now: number): void {
    if (this.clips.some((clip) => clip.id === id)) return;
    this.clips.push({
      id,
      chunks: [],
      cushion,
      position: from,
      total: null,
      followed: 0,
      firstAt: null,
      touchedAt: now,
      inGap: false,
    });
  }

  push(id: number, offset: number, samples: Int16Array, now: number): void {
    const clip = this.clips.find((one) => one.id === id);
    if (!clip || samples.length === 0) return;
    clip.touchedAt = now;
    if (clip.firstAt === null) clip.firstAt = now;
    else clip.followed += samples.length;
    if (offset + samples.length <= clip.position) return;
    let place = clip.chunks.length;
    while (place > 0 && (clip.chunks[place - 1] as Chunk).offset > offset) place--;
    if (clip.chunks[place - 1]?.offset === offset) return;
    clip.chunks.splice(place, 0, { offset, samples });
  }

  end(id: number, total: number, now: number): void {
    const clip = this.clips.find((one) => one.id === id);
    if (!clip) return;
    clip.total = total;
    clip.touchedAt = now;
  }

  /** The output could not go on at `now`: what sounds goes on later, after a pause. */
  pause(now: number): void {
    const clip = this.clips[0];
    if (clip && this.playing) this.runDry(clip, now);
  }

  /** Leaves out what comes before this sample, where it has not been heard yet. */
  skip(id: number, sample: number, now: number): void {
    const clip = this.clips.find((one) => one.id === id);
    if (!clip || clip.position >= sample) return;
    if (clip === this.clips[0]) this.pause(now);
    clip.position = sample;
    forgetPlayed(clip);
  }

  /** Fades what sounds and forgets what waits: one clip, or all of them. */
  interrupt(id: number | null, now: number): void {
    for (const clip of [...this.clips]) {
      if (id !== null && clip.id !== id) continue;
      if (clip === this.clips[0] && this.playing) this.fade ??= Math.round(FADE_S * this.outputRate);
      else this.drop(clip, 'cut', now);
    }
  }

  /** Fills `out`, whose first frame is heard at `at`. */
  process(out: Float32Array, at: number): void {
    for (let i = 0; i < out.length; i++) out[i] = this.seams.next(this.sample(at + i / this.outputRate));
  }

  /** What happened since the last call; nothing is made for that on the audio thread while nothing happens. */
  takeEvents(): readonly RingEvent[] {
    if (this.events.length === 0) return NOTHING;
    const events = this.events;
    this.events = [];
    return events;
  }

  /** The sound at `now`, 0 where there is none; moves on by one output frame. */
  private sample(now: number): number {
    for (let clip = this.clips[0]; clip; clip = this.clips[0]) {
      if (!this.playing && !this.start(clip, now)) {
        if (this.clips[0] === clip) return 0;
        continue;
      }
      if (this.fade === 0) {
        this.drop(clip, 'cut', now);
        continue;
      }
      const whole = Math.floor(clip.position);
      if (clip.total !== null && whole >= clip.total) {
        this.drop(clip, 'end', now);
        continue;
      }
      const there = coverage(clip, whole);
      if (there === 'none') {
        this.runDry(clip, now);
        continue;
      }
      const value = there === 'here' ? this.read(clip, whole) : this.miss(clip, now);
      clip.position += this.step;
      forgetPlayed(clip);
      return value * this.takeFade();
    }
    return 0;
  }

  private read(clip: Clip, whole: number): number {
    if (clip.inGap) this.seams.rise();
    clip.inGap = false;
    return interpolate(clip, whole, clip.position - whole);
  }

  /** Silence in the place of a chunk that has not come though later ones have. */
  private miss(clip: Clip, now: number): number {
    if (!clip.inGap) {
      this.tell('gap', clip, now);
      this.seams.stop();
    }
    clip.inGap = true;
    return 0;
  }

  /** The sound stops though the clip goes on. */
  private runDry(clip: Clip, now: number): void {
    this.playing = false;
    this.seams.stop();
    clip.touchedAt = now;
    if (this.fade === null) this.tell('pause', clip, now);
    else this.drop(clip, 'cut', now);
    this.fade = null;
  }

  private takeFade(): number {
    if (this.fade === null) return 1;
    this.fade -= 1;
    return this.fade / (FADE_S * this.outputRate);
  }

  /** Begins or resumes the clip when enough sound is there; gives up a clip whose sound no longer comes. */
  private start(clip: Clip, now: number): boolean {
    const buffered = bufferedFrom(clip) / this.clipRate;
    if (buffered === 0) {
      const heardOut = clip.total !== null && clip.position >= clip.total;
      const starved = now - clip.touchedAt > (clip.total === null ? STARVED_S : STARVED_COMPLETE_S);
      if (heardOut || starved) this.drop(clip, clip.total === null ? 'lost' : 'end', now);
      return false;
    }
    if (clip.total === null && buffered < this.wanted(clip, now)) return false;
    const first = (clip.chunks[0] as Chunk).offset;
    if (first > clip.position) {
      this.tell('gap', clip, now);
      clip.position = first;
    }
    this.playing = true;
    // At its very beginning too: what a decoder makes of it may not begin at zero.
    this.seams.rise();
    this.tell('play', clip, now);
    return true;
  }

  private wanted(clip: Clip, now: number): number {
    const elapsed = now - (clip.firstAt ?? now);
    const fast = elapsed >= WATCH_S && clip.followed / this.clipRate >= FAST * elapsed;
    return fast ? clip.cushion : Math.max(CAUTIOUS_S, clip.cushion);
  }

  private drop(clip: Clip, kind: 'end' | 'cut' | 'lost', now: number): void {
    if (this.clips[0] === clip) {
      // A clip whose run was replaced may end in mid-word.
      if (this.playing && kind === 'end') this.seams.stop();
      this.playing = false;
      this.fade = null;
    }
    this.clips.splice(this.clips.indexOf(clip), 1);
    this.tell(kind, clip, now);
  }

  private tell(kind: RingEvent['kind'], clip: Clip, at: number): void {
    this.events.push({ kind, clip: clip.id, at, sample: clip.position });
  }
}

function bufferedFrom(clip: Clip): number {
  let sum = 0;
  for (const { offset, samples } of clip.chunks) {
    sum += Math.max(0, offset + samples.length - Math.max(offset, clip.position));
  }
  return sum;
}

/** Whether the sample is here, or only later ones are, or neither. */
function coverage(clip: Clip, sample: number): 'here' | 'later' | 'none' {
  for (const { offset, samples } of clip.chunks) {
    if (sample < offset) return 'later';
    if (sample < offset + samples.length) return 'here';
  }
  return 'none';
}

function valueAt<T>(clip: Clip, sample: number, otherwise: T): number | T {
  for (const { offset, samples } of clip.chunks) {
    if (sample < offset) break;
    const value = samples[sample - offset];
    if (value !== undefined) return value / 32768;
  }
  return otherwise;
}

/**
 * Cubic (Catmull-Rom) between the clip's samples: a straight line would dull and distort the high sounds. Where the clip has no
 * neighbour it goes on as straight as it can.
 */
function interpolate(clip: Clip, sample: number, fraction: number): number {
  const b = valueAt(clip, sample, 0);
  if (fraction === 0) return b;
  const before = valueAt(clip, sample - 1, null);
  const c = valueAt(clip, sample + 1, null) ?? 2 * b - (before ?? b);
  const a = before ?? 2 * b - c;
  const d = valueAt(clip, sample + 2, null) ?? 2 * c - b;
  const t = fraction;
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** Keeps one sample behind the position: the interpolation looks back. */
function forgetPlayed(clip: Clip): void {
  const first = clip.chunks[0];
  if (first && first.offset + first.samples.length < clip.position - 1) clip.chunks.shift();
}
