/**
 * The sound of one utterance after another, read at the speed of an output. Pure: it runs inside the AudioWorklet, on the page
 * where there is no AudioWorklet, and without any sound as the clock of pages that stay silent.
 *
 * Positions are clip samples from the utterance's first sample; times (`at`, `now`) are seconds of the output's clock.
 */

/** Something that is (or, given the output's latency, will be) heard at the time `at`. */
export interface RingEvent {
  /** play and pause bound what is audible; end and cut are the last word on a clip; gap reports sound that never came. */
  readonly kind: 'play' | 'pause' | 'end' | 'cut' | 'gap';
  readonly clip: number;
  readonly at: number;
  readonly sample: number;
}

/** Sound wanted before a clip begins when it comes faster than it plays. */
const START_S = 0.04;
/** Sound wanted before a clip begins when it comes no faster than it plays, and after each underrun. */
const CAUTIOUS_S = 0.15;
/** How much faster than it plays sound must come to count as fast. */
const FAST = 1.5;
const FADE_S = 0.008;
/** A clip that gets no more sound is given up after this time, so that the next one is not blocked for ever. */
const STARVED_S = 10;
/** The same, once everything was sent and the rest is known to be lost. */
const STARVED_COMPLETE_S = 1;

interface Chunk {
  readonly offset: number;
  readonly samples: Int16Array;
}

interface Clip {
  readonly id: number;
  readonly chunks: Chunk[];
  position: number;
  total: number | null;
  received: number;
  firstAt: number | null;
  touchedAt: number;
  underran: boolean;
  inGap: boolean;
}

export class Ring {
  private readonly clips: Clip[] = [];
  private readonly step: number;
  private events: RingEvent[] = [];
  private playing = false;
  /** Output frames left of the fade that ends an interrupted clip; null while nothing is cut. */
  private fade: number | null = null;

  constructor(
    private readonly clipRate: number,
    private readonly outputRate: number,
  ) {
    this.step = clipRate / outputRate;
  }

  get idle(): boolean {
    return this.clips.length === 0;
  }

  /** Whether a clip sounds now. */
  get sounding(): boolean {
    return this.playing;
  }

  begin(id: number, now: number): void {
    if (this.clips.some((clip) => clip.id === id)) return;
    this.clips.push({
      id,
      chunks: [],
      position: 0,
      total: null,
      received: 0,
      firstAt: null,
      touchedAt: now,
      underran: false,
      inGap: false,
    });
  }

  push(id: number, offset: number, samples: Int16Array, now: number): void {
    const clip = this.clips.find((one) => one.id === id);
    if (!clip || samples.length === 0) return;
    clip.touchedAt = now;
    clip.firstAt ??= now;
    if (offset + samples.length <= clip.position) return;
    let place = clip.chunks.length;
    while (place > 0 && (clip.chunks[place - 1] as Chunk).offset > offset) place--;
    if (clip.chunks[place - 1]?.offset === offset) return;
    clip.chunks.splice(place, 0, { offset, samples });
    clip.received += samples.length;
  }

  end(id: number, total: number, now: number): void {
    const clip = this.clips.find((one) => one.id === id);
    if (!clip) return;
    clip.total = total;
    clip.touchedAt = now;
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
    out.fill(0);
    for (let i = 0; i < out.length; i++) {
      const now = at + i / this.outputRate;
      const clip = this.clips[0];
      if (!clip) return;
      if (!this.playing && !this.start(clip, now)) {
        if (this.clips[0] === clip) return;
        i--;
        continue;
      }
      if (this.fade === 0) {
        this.fade = null;
        this.drop(clip, 'cut', now);
        i--;
        continue;
      }
      const sample = Math.floor(clip.position);
      if (clip.total !== null && sample >= clip.total) {
        this.drop(clip, 'end', now);
        i--;
        continue;
      }
      if (covers(clip, sample)) {
        clip.inGap = false;
        out[i] = interpolate(clip, sample, clip.position - sample) * this.takeFade();
      } else if (clip.chunks.some((chunk) => chunk.offset > sample)) {
        if (!clip.inGap) this.tell('gap', clip, now);
        clip.inGap = true;
        this.takeFade();
      } else {
        this.playing = false;
        clip.underran = true;
        clip.touchedAt = now;
        if (this.fade === null) this.tell('pause', clip, now);
        else this.drop(clip, 'cut', now);
        this.fade = null;
        i--;
        continue;
      }
      clip.position += this.step;
      forgetPlayed(clip);
    }
  }

  takeEvents(): RingEvent[] {
    const events = this.events;
    this.events = [];
    return events;
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
      const patience = clip.total === null ? STARVED_S : STARVED_COMPLETE_S;
      const heardOut = clip.total !== null && clip.position >= clip.total;
      if (heardOut || now - clip.touchedAt > patience) this.drop(clip, 'end', now);
      return false;
    }
    if (clip.total === null && buffered < this.wanted(clip, now)) return false;
    const first = (clip.chunks[0] as Chunk).offset;
    if (first > clip.position) {
      this.tell('gap', clip, now);
      clip.position = first;
    }
    this.playing = true;
    this.tell('play', clip, now);
    return true;
  }

  private wanted(clip: Clip, now: number): number {
    if (clip.underran) return CAUTIOUS_S;
    const elapsed = now - (clip.firstAt ?? now);
    const fast = clip.received / this.clipRate >= FAST * elapsed + START_S / 2;
    return fast ? START_S : CAUTIOUS_S;
  }

  private drop(clip: Clip, kind: 'end' | 'cut', now: number): void {
    if (this.clips[0] === clip) {
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
  return clip.chunks.reduce(
    (sum, chunk) => sum + Math.max(0, chunk.offset + chunk.samples.length - Math.max(chunk.offset, clip.position)),
    0,
  );
}

function covers(clip: Clip, sample: number): boolean {
  return clip.chunks.some((chunk) => sample >= chunk.offset && sample < chunk.offset + chunk.samples.length);
}

function valueAt(clip: Clip, sample: number, otherwise: number): number {
  for (const chunk of clip.chunks) {
    if (sample < chunk.offset) break;
    const value = chunk.samples[sample - chunk.offset];
    if (value !== undefined) return value / 32768;
  }
  return otherwise;
}

/** Cubic (Catmull-Rom) between the clip's samples: a straight line would dull and distort the high sounds. */
function interpolate(clip: Clip, sample: number, fraction: number): number {
  const b = valueAt(clip, sample, 0);
  if (fraction === 0) return b;
  const c = valueAt(clip, sample + 1, b);
  const a = valueAt(clip, sample - 1, b);
  const d = valueAt(clip, sample + 2, c);
  const t = fraction;
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** Keeps one sample behind the position: the interpolation looks back. */
function forgetPlayed(clip: Clip): void {
  const first = clip.chunks[0];
  if (first && first.offset + first.samples.length < clip.position - 1) clip.chunks.shift();
}
