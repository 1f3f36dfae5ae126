/** The messages of docs/overlay-protocol.md. What comes in is checked here; what avatars and captions look like, where they are drawn. */

import type { AvatarSpec } from '../avatars/avatar';

export const STATES = ['idle', 'listening', 'thinking', 'talking', 'muted', 'offline'] as const;
export type State = (typeof STATES)[number];

export const MOODS = ['neutral', 'happy', 'sad', 'angry', 'surprised', 'shy', 'smug', 'thinking'] as const;
export type Mood = (typeof MOODS)[number];

export const VISEMES = [
  'sil', 'PP', 'FF', 'TH', 'DD', 'kk', 'CH', 'SS', 'nn', 'RR', 'aa', 'E', 'I', 'O', 'U',
] as const;
export type Viseme = (typeof VISEMES)[number];

/** Codings of the sound, the one a page would rather have first. */
export const ENCODINGS = ['opus', 'pcm_s16le'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** From `at` (ms from the utterance's first sample) the mouth has this shape, until the next key. */
export interface MouthKey {
  readonly at: number;
  readonly viseme: Viseme;
  readonly weight: number;
}

/** A word of a caption: where it begins in the text (UTF-16 units), and when, in ms from the utterance's first sample. */
export interface WordTime {
  readonly begin: number;
  readonly at: number;
}

export const BADGE_PLACES = ['top-left', 'top-right', 'bottom-left', 'bottom-right', 'off'] as const;

/** The word that says she is an AI, and the corner it stands in. */
export interface Badge {
  readonly place: (typeof BADGE_PLACES)[number];
  readonly text: string;
}

export interface Config {
  readonly build?: string;
  readonly audio?: boolean;
  readonly name?: string;
  readonly avatar?: AvatarSpec;
  readonly captions?: Readonly<Record<string, unknown>>;
  readonly badge?: Badge;
  readonly mouthOffsetMs?: number;
  readonly state?: State;
  readonly mood?: Mood;
}


export type ServerMessage =
  | { readonly t: 'welcome' | 'config'; readonly fence: number | null; readonly config: Config; readonly connection: string }
  | { readonly t: 'audio_owner'; readonly fence: null; readonly audio: boolean }
  | { readonly t: 'state'; readonly fence: number | null; readonly name: State }
  | {
      readonly t: 'speech.begin';
      readonly fence: number;
      readonly utt: number;
      readonly turn: string;
      readonly enc: Encoding;
      readonly from: number;
      readonly seq: number;
    }
  | {
      readonly t: 'sentence';
      readonly fence: number;
      readonly utt: number;
      readonly at: number;
      readonly text: string;
      readonly mood: Mood | null;
    }
  | { readonly t: 'words'; readonly fence: number; readonly utt: number; readonly at: number; readonly words: readonly WordTime[] }
  | { readonly t: 'mouth'; readonly fence: number; readonly utt: number; readonly keys: readonly MouthKey[] }
  | {
      readonly t: 'speech.sent' | 'speech.end';
      readonly fence: number;
      readonly utt: number;
      readonly samples: number;
      /** Frames up to here. */
      readonly seq: number;
      /** No more will come. */
      readonly whole: boolean;
    }
  | { readonly t: 'interrupt'; readonly fence: number | null; readonly utt: number | null }
  | { readonly t: 'calibrate'; readonly fence: null; readonly count: number; readonly everyMs: number }
  | { readonly t: 'bye'; readonly fence: null; readonly reason: string };

export type AckEvent = 'playing' | 'ended' | 'underrun' | 'interrupted';

/** An utterance the page still plays: fence, utterance, number of the next frame it needs. */
export type Had = readonly [number, number, number];

export type PageMessage =
  | {
      t: 'hello';
      key: string;
      preview: boolean;
      obs: string;
      program: string;
      build: string;
      engine: string;
      renderer: string;
      enc: readonly Encoding[];
      have: readonly Had[];
      was: string;
    }
  | { t: 'ack'; event: AckEvent; utt: number; turn: string; position_ms: number }
  | {
      t: 'stats';
      fps: number;
      underruns: number;
      gaps: number;
      dropped: number;
      mouth_lag_ms: number;
      audible: boolean;
      sample_rate: number;
      worklet: boolean;
      width: number;
      height: number;
    }
  | { t: 'visibility'; visible: boolean; active: boolean }
  | { t: 'missing'; utt: number; seq: number | null };

/** One binary frame: where its sound belongs, and the sound in the utterance's coding. */
export interface AudioFrame {
  readonly fence: number;
  readonly utt: number;
  readonly seq: number;
  readonly offset: number;
  readonly body: Uint8Array;
}

export const FRAME_HEADER_BYTES = 16;
/** More words than any sentence has. */
const MOST_WORDS = 400;

/** The frame, or null when it is no frame of ours. The sound is a view on `data`. */
export function decodeFrame(data: ArrayBuffer): AudioFrame | null {
  if (data.byteLength < FRAME_HEADER_BYTES) return null;
  const header = new DataView(data, 0, FRAME_HEADER_BYTES);
  return {
    fence: header.getUint32(0, true),
    utt: header.getUint32(4, true),
    seq: header.getUint32(8, true),
    offset: header.getUint32(12, true),
    body: new Uint8Array(data, FRAME_HEADER_BYTES),
  };
}

/** The samples of a PCM frame, or null when it is cut short. */
export function pcmOf(body: Uint8Array): Int16Array | null {
  return body.byteLength % 2 === 0 ? new Int16Array(body.buffer, body.byteOffset, body.byteLength / 2) : null;
}

/** The message, or null when it is malformed or of a kind this build does not know. */
export function decodeMessage(text: string): ServerMessage | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(body)) return null;
  const fence = number(body.fence);
  switch (body.t) {
    case 'welcome':
    case 'config':
      return { t: body.t, fence, config: config(body), connection: string(body.connection) };
    case 'audio_owner':
      return { t: 'audio_owner', fence: null, audio: body.audio === true };
    case 'state': {
      const name = oneOf(STATES, body.name);
      return name && { t: 'state', fence, name };
    }
    case 'interrupt':
      return { t: 'interrupt', fence, utt: number(body.utt) };
    case 'calibrate':
      return { t: 'calibrate', fence: null, count: within(body.count, 0, 20), everyMs: within(body.every_ms, 500, 2000) };
    case 'bye':
      return { t: 'bye', fence: null, reason: string(body.reason) };
    default:
      return speech(body, fence, number(body.utt));
  }
}

function speech(body: Record<string, unknown>, fence: number | null, utt: number | null): ServerMessage | null {
  if (fence === null || utt === null) return null;
  switch (body.t) {
    case 'speech.begin':
      return {
        t: 'speech.begin',
        fence,
        utt,
        turn: string(body.turn),
        enc: oneOf(ENCODINGS, body.enc) ?? 'pcm_s16le',
        from: number(body.from) ?? 0,
        seq: number(body.seq) ?? 0,
      };
    case 'sentence':
      return {
        t: 'sentence',
        fence,
        utt,
        at: number(body.at) ?? 0,
        text: string(body.text),
        mood: moodNamed(body.mood),
      };
    case 'words':
      return { t: 'words', fence, utt, at: number(body.at) ?? 0, words: wordTimes(body.v) };
    case 'mouth':
      return { t: 'mouth', fence, utt, keys: mouthKeys(body.v) };
    case 'speech.sent':
    case 'speech.end':
      return { t: body.t, fence, utt, samples: number(body.samples) ?? 0, seq: number(body.seq) ?? 0, whole: body.t === 'speech.end' || body.whole === true };
    default:
      return null;
  }
}

function config(body: Record<string, unknown>): Config {
  const avatar = avatarSpec(body.avatar);
  return {
    ...(typeof body.build === 'string' && { build: body.build }),
    ...(typeof body.audio === 'boolean' && { audio: body.audio }),
    ...(typeof body.name === 'string' && { name: body.name }),
    ...(avatar && { avatar }),
    ...(isRecord(body.captions) && { captions: body.captions }),
    ...(isRecord(body.badge) && { badge: badge(body.badge) }),
    ...(number(body.mouth_offset_ms) !== null && { mouthOffsetMs: number(body.mouth_offset_ms) ?? 0 }),
    ...(oneOf(STATES, body.state) && { state: oneOf(STATES, body.state) ?? 'idle' }),
    ...(moodNamed(body.mood) && { mood: moodNamed(body.mood) ?? 'neutral' }),
  };
}

/** What is malformed is shown all the same: the badge is there for the viewers. */
function badge(body: Record<string, unknown>): Badge {
  const text = typeof body.text === 'string' ? body.text.slice(0, 12) : '';
  return { place: oneOf(BADGE_PLACES, body.place) ?? 'top-left', text: text || 'AI' };
}

/** The avatar object, or null where there is none. What stands in it is read by the kind of avatar it names. */
export function avatarSpec(value: unknown): AvatarSpec | null {
  if (!isRecord(value) || typeof value.kind !== 'string' || value.kind === '') return null;
  return { ...value, kind: value.kind };
}

/** The mood of this name; the nearest one for a few common others; null when there is none. */
export function moodNamed(value: unknown): Mood | null {
  const near: Record<string, Mood> = { relaxed: 'happy', joy: 'happy', embarrassed: 'shy', confused: 'thinking' };
  return oneOf(MOODS, value) ?? (typeof value === 'string' ? (near[value] ?? null) : null);
}

function mouthKeys(value: unknown): MouthKey[] {
  if (!Array.isArray(value)) return [];
  const keys: MouthKey[] = [];
  for (const entry of value) {
    if (!Array.isArray(entry)) continue;
    const at = number(entry[0]);
    const viseme = oneOf(VISEMES, entry[1]);
    if (at !== null && viseme) keys.push({ at, viseme, weight: Math.min(1, Math.max(0, number(entry[2]) ?? 1)) });
  }
  return keys.sort((a, b) => a.at - b.at);
}

/** Beginnings and times that both rise; whatever does not is left out. */
function wordTimes(value: unknown): WordTime[] {
  if (!Array.isArray(value)) return [];
  const words: WordTime[] = [];
  for (const entry of value.slice(0, MOST_WORDS)) {
    const last = words[words.length - 1];
    const [begin, at] = Array.isArray(entry) ? [number(entry[0]), number(entry[1])] : [null, null];
    if (begin === null || at === null || begin < 0 || !Number.isInteger(begin)) continue;
    if (!last || (begin > last.begin && at >= last.at)) words.push({ begin, at });
  }
  return words;
}

export function oneOf<T extends string>(names: readonly T[], value: unknown): T | null {
  return names.find((name) => name === value) ?? null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A whole number in [low, high]; `low` when it is no number. */
function within(value: unknown, low: number, high: number): number {
  return Math.min(high, Math.max(low, Math.round(number(value) ?? low)));
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
