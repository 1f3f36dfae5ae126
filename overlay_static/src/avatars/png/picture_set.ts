/** Which of a broadcaster's own pictures is shown when. Pure: time is given. */

import type { Mood, State, Viseme } from '../../overlay/protocol';

export interface MouthMap {
  /** Opening (0..1) from which the half open and the open picture are shown. */
  readonly half: number;
  readonly open: number;
  /** How far the opening must fall below again before a picture is left. */
  readonly hysteresis: number;
}

export interface PictureSet {
  /** Slot -> address. `idle` is always there. */
  readonly pictures: Readonly<Record<string, string>>;
  readonly mouth: MouthMap;
  /** px (of 800) she hops with loud vowels. */
  readonly bounce: number;
}

export type Mouth = 'closed' | 'half' | 'open';

export const DEFAULT_MAP: MouthMap = { half: 0.18, open: 0.5, hysteresis: 0.06 };
const DEFAULT_BOUNCE = 8;

/** Only what our own site keeps is ever loaded. */
const ADDRESS = /^\/media\/avatars\/[0-9a-f]{32}\.(png|webp)$/;

export function pictureSetFrom(value: Readonly<Record<string, unknown>>): PictureSet {
  const pictures: Record<string, string> = {};
  if (isRecord(value.pictures))
    for (const [slot, address] of Object.entries(value.pictures))
      if (typeof address === 'string' && ADDRESS.test(address)) pictures[slot] = address;
  const map = isRecord(value.mouth) ? value.mouth : {};
  const half = within(map.half, 0.02, 0.95, DEFAULT_MAP.half);
  return {
    pictures,
    mouth: {
      half,
      open: Math.max(half, within(map.open, 0.02, 1, DEFAULT_MAP.open)),
      hysteresis: within(map.hysteresis, 0, 0.3, DEFAULT_MAP.hysteresis),
    },
    bounce: within(value.bounce, 0, 40, DEFAULT_BOUNCE),
  };
}

/** How far each viseme opens the mouth, 0..1. */
const OPENING: Readonly<Record<Viseme, number>> = {
  sil: 0, PP: 0, FF: 0.1, TH: 0.28, DD: 0.33, kk: 0.38, CH: 0.35, SS: 0.21, nn: 0.25, RR: 0.31, aa: 1, E: 0.66, I: 0.43, O: 0.82, U: 0.4,
};

export function openingOf(viseme: Viseme, weight: number): number {
  return OPENING[viseme] * (0.4 + 0.6 * weight);
}

/** A shape stays at least so long, ms: quicker changes would flicker. */
const STAYS_MS = 60;

/** Follows the opening in three steps without fluttering at their borders. */
export class MouthSteps {
  now: Mouth = 'closed';
  private since = -STAYS_MS;

  step(opening: number, { half, open, hysteresis }: MouthMap, tMs: number): Mouth {
    const keep = (border: number, held: boolean): number => (held ? Math.max(0.01, border - hysteresis) : border);
    const wanted: Mouth =
      opening >= keep(open, this.now === 'open') ? 'open' : opening >= keep(half, this.now !== 'closed') ? 'half' : 'closed';
    // Shutting is never late: the mouth is shut when the sound ends.
    if (wanted !== this.now && (tMs - this.since >= STAYS_MS || opening === 0)) {
      this.now = wanted;
      this.since = tMs;
    }
    return this.now;
  }
}

export interface Shown {
  readonly mood: Mood;
  readonly state: State;
  readonly mouth: Mouth;
  readonly blinking: boolean;
}

/** The slot that is shown; the nearest one there is. A set of one picture shows that. */
export function slotFor(pictures: Readonly<Record<string, string>>, { mood, state, mouth, blinking }: Shown): string {
  const has = (slot: string): boolean => slot in pictures;
  const first = (...slots: string[]): string => slots.find(has) ?? 'idle';
  if (state === 'offline') return first('offline', 'blink');
  const worn = state === 'thinking' && has('thinking') ? 'thinking' : mood;
  if (worn !== 'neutral' && has(worn)) {
    // A mood with one picture keeps it while she talks: its bounce shows the speech.
    if (mouth === 'open') return first(`${worn}_talk`, `${worn}_half`, worn);
    if (mouth === 'half') return first(`${worn}_half`, `${worn}_talk`, worn);
    return blinking ? first(`${worn}_blink`, worn) : worn;
  }
  if (mouth === 'open') return first('talk', 'half');
  if (mouth === 'half') return first('half', 'talk');
  return blinking ? first('blink') : 'idle';
}

function within(value: unknown, low: number, high: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
