import type { Avatar, AvatarSpec } from '../avatars/avatar';
import { gestureFor } from '../avatars/beat';
import type { Calibration } from './calibration';
import { untimed } from './caption_text';
import type { Captions } from './captions';
import { mouthMs } from './clock';
import { SHUT, type Mouth } from './mouth';
import type { Pace } from './pace';
import type { Mood, State } from './protocol';
import type { Speech } from './speech';
import type { Spoken } from './sentences';
import type { Utterance } from './utterance';

/** A short loss of the connection shall not put her to sleep. */
const SLEEP_AFTER_MS = 1_500;
/** How long a mood of a sentence stays when nothing more is said. */
const MOOD_STAYS_MS = 6_000;
const MOOD_MS = 300;
/** While nothing goes on a slow picture is enough. */
const QUIET_FRAME_MS = 60;
const LONGEST_STEP_MS = 100;
/** Pace of a sample caption, and its rest before it begins again. */
const SAMPLE_WORD_MS = 380;
const SAMPLE_REST_MS = 1_400;
/** The mouth of the test, as open as it gets. */
const WIDE: Mouth = { viseme: 'aa', weight: 1 };

export interface Shown {
  utterance: number | null;
  positionMs: number;
  mouthLagMs: number;
}

/** What is seen now: puts state, mood, mouth and captions onto the page and the avatar, frame by frame. */
export class Show {
  readonly shown: Shown = { utterance: null, positionMs: 0, mouthLagMs: 0 };
  mouthOffsetMs = 0;
  /** The mood she rests in. */
  restMood: Mood = 'neutral';
  private state: State = 'offline';
  private connected = false;
  private lostAt = -SLEEP_AFTER_MS;
  private mood: Mood = 'neutral';
  private moodUntil: number | null = null;
  private mouth: Mouth = SHUT;
  private spoken: Spoken | null = null;
  private spokenCount = 0;
  private speaking: Utterance | null = null;
  private lastDrawn = 0;
  private keptAwake = false;
  private sampled: Spoken | null = null;

  constructor(
    private readonly speech: Speech,
    private readonly avatar: Avatar,
    private readonly captions: Captions,
    private readonly root: HTMLElement,
    private readonly pace: Pace,
    private readonly test: Calibration,
  ) {
    this.setMood('neutral', 0);
    this.writeMouth(SHUT);
    this.writeState();
  }

  get idle(): boolean {
    return !this.speech.busy && !this.test.busy && this.state !== 'talking' && this.state !== 'thinking';
  }

  setState(state: State): void {
    this.state = state;
    this.writeState();
  }

  setConnected(connected: boolean): void {
    if (this.connected && !connected) this.lostAt = performance.now();
    this.connected = connected;
    this.writeState();
  }

  /** A mood of its own or, from a sentence, one that passes when she has been silent for a while. */
  setMood(mood: Mood, ms: number): void {
    this.moodUntil = null;
    if (mood !== this.mood || ms === 0) this.avatar.setMood(mood, ms);
    this.mood = mood;
    this.root.dataset.mood = mood;
  }

  setLook(spec: AvatarSpec): void {
    this.avatar.setLook(spec);
  }

  /** Who shapes her wants to see her with open eyes, whether or not she is on air. */
  wakeForPreview(): void {
    this.keptAwake = true;
    this.writeState();
  }

  /** Says a sentence over and over in captions alone, for whoever chooses how they look. */
  sample(text: string): void {
    const words = untimed(text).map(({ begin }, index) => ({ begin, at: index * SAMPLE_WORD_MS }));
    if (text !== this.sampled?.text) this.sampled = { at: 0, text, mood: null, words };
  }

  /** Silence and a shut mouth at once; the next frame will find nothing heard. */
  hush(): void {
    this.update(performance.now());
    this.captions.hide();
  }

  /** One animation frame. */
  frame(now: number): void {
    this.pace.frame(now);
    this.update(now);
    const quiet = !this.speaking && !this.test.busy && !this.keptAwake && (this.state === 'offline' || this.state === 'muted' || !this.connected);
    const step = now - this.lastDrawn;
    if (quiet && step < QUIET_FRAME_MS) return;
    this.lastDrawn = now;
    this.avatar.frame(now, Math.min(step, LONGEST_STEP_MS));
  }

  /** Everything that follows the sound. Also called between frames, since a hidden page has none. */
  update(now: number): void {
    const current = this.speech.now();
    const speaking = current?.utterance ?? null;
    let at = 0;
    if (this.speaking && speaking !== this.speaking) {
      this.spoken = null;
      if (this.mood !== this.restMood) this.moodUntil = now + MOOD_STAYS_MS;
    }
    this.speaking = speaking;
    if (current) {
      const { utterance, heard } = current;
      this.shown.utterance = utterance.utt;
      this.shown.positionMs = heard.ms;
      at = mouthMs(heard.ms, this.pace.frameMs, this.mouthOffsetMs);
      this.setMouth(heard.playing ? utterance.mouthAt(at) : SHUT, utterance, heard.ms - this.mouthOffsetMs);
      this.follow(utterance.sentences.at(at));
    }
    const lit = !current && this.test.lit((heardMs) => mouthMs(heardMs, this.pace.frameMs, this.mouthOffsetMs));
    this.root.toggleAttribute('data-flash', lit);
    if (!current) this.setMouth(lit ? WIDE : SHUT, null, 0);
    if (current || !this.sampled) this.captions.show(current ? this.spoken : null, at, now);
    else this.captions.show(this.sampled, now % (this.sampled.words.length * SAMPLE_WORD_MS + SAMPLE_REST_MS), now);
    if (this.moodUntil !== null && now >= this.moodUntil && !current) this.setMood(this.restMood, MOOD_MS * 2);
    this.writeState(now);
  }

  private follow(sentence: Spoken | null): void {
    if (sentence === this.spoken || !sentence) return;
    const same = sentence.at === this.spoken?.at;
    this.spoken = sentence;
    // Its words were timed anew.
    if (same) return;
    if (sentence.mood) this.setMood(sentence.mood, MOOD_MS);
    this.avatar.gesture(gestureFor(sentence.text, sentence.mood, this.spokenCount));
    this.spokenCount += 1;
  }

  private setMouth(mouth: Mouth, utterance: Utterance | null, heardMs: number): void {
    const before = this.mouth;
    this.mouth = mouth;
    if (before.viseme === mouth.viseme && before.weight === mouth.weight) return;
    this.avatar.setMouth(mouth.viseme, mouth.weight);
    this.writeMouth(mouth);
    const key = utterance?.mouth.at(heardMs + this.pace.frameMs);
    if (key && key.viseme === mouth.viseme && Math.abs(heardMs - key.at) < 200)
      this.shown.mouthLagMs += (heardMs - key.at - this.shown.mouthLagMs) * 0.1;
  }

  private writeMouth(mouth: Mouth): void {
    this.root.dataset.mouth = mouth.viseme;
  }

  private writeState(now = performance.now()): void {
    const talking = this.speaking !== null && this.state !== 'muted';
    const told: State = this.connected ? (talking ? 'talking' : this.state) : 'offline';
    if (this.root.dataset.state !== told) this.root.dataset.state = told;
    // Sound that is already here plays on without the server, and she does not speak in her sleep.
    const awake = talking || now - this.lostAt < SLEEP_AFTER_MS;
    const posed: State = told === 'offline' && !this.connected && awake ? (talking ? 'talking' : 'idle') : told;
    this.avatar.setState(this.keptAwake && posed === 'offline' ? 'idle' : posed);
  }
}
