import { describe, expect, it } from 'vitest';
import { VISEMES } from '../overlay/protocol';
import { previewChange } from '../overlay/preview';
import { gestureFor } from './beat';
import { Gestures } from './gestures';
import { DEFAULT_LOOK, lookFrom } from './look';
import { Beats, Breath, Drift, Whims } from './motion';
import { DEFAULT_MAP, MouthSteps, openingOf, pictureSetFrom, slotFor, type Shown } from './png/picture_set';
import { tones } from './svg/colours';
import { Lips } from './svg/lips';

const FRAME = 1000 / 60;

function gap(lips: Lips): number {
  return lips.shape.top + lips.shape.bottom;
}

describe('her lips', () => {
  it('are seen together for 50 ms even when the next sound comes at once', () => {
    const lips = new Lips();
    lips.aim('aa', 1, 0);
    for (let t = 0; t < 200; t += FRAME) lips.step(t, FRAME / 1000);
    lips.aim('PP', 1, 200);
    lips.aim('aa', 1, 210);
    let shut = 0;
    for (let t = 200; t < 400; t += 1) {
      lips.step(t, 0.001);
      if (gap(lips) < 4) shut += 1;
    }
    expect(gap(lips)).toBeGreaterThan(40);
    expect(shut).toBeGreaterThanOrEqual(50);
  });

  it('need 60 to 80 ms to open nine tenths of the way', () => {
    const lips = new Lips();
    lips.aim('aa', 1, 0);
    let t = 0;
    while (gap(lips) < 0.9 * 61) lips.step(t, 0.001), (t += 1);
    expect(t).toBeGreaterThanOrEqual(60);
    expect(t).toBeLessThanOrEqual(80);
  });
});

describe('idle life', () => {
  it('never repeats within ten hours', () => {
    const drift = new Drift(7, 2.9);
    const piece = (from: number): number[] => Array.from({ length: 40 }, (_, i) => drift.at(from + i * 0.5));
    const first = piece(0);
    const distance = (other: number[]): number => Math.max(...other.map((value, i) => Math.abs(value - first[i]!)));
    for (let from = 20; from < 36_000; from += 29) expect(distance(piece(from))).toBeGreaterThan(0.05);
  });

  it('wanders smoothly and stays in its bounds', () => {
    const drift = new Drift(3, 2);
    const path = Array.from({ length: 20_000 }, (_, i) => drift.at(i * 0.016));
    expect(Math.max(...path.map(Math.abs))).toBeLessThanOrEqual(1);
    expect(Math.max(...path.slice(1).map((value, i) => Math.abs(value - path[i]!)))).toBeLessThan(0.08);
  });

  it('has a whim now and then, and does not make up for those that were missed', () => {
    const whims = new Whims(['tilt'], () => 0.5);
    const seen = Array.from({ length: 600 }, (_, i) => whims.at(i * 100)).filter(Boolean).length;
    expect(seen).toBeGreaterThanOrEqual(3);
    expect(seen).toBeLessThanOrEqual(8);
    expect(whims.at(10_000_000)).toBeNull();
  });

  it('finds stressed syllables', () => {
    const beats = new Beats();
    expect(beats.step(0, 0, 0.016)).toBe(false);
    expect(beats.step(0.6, 400, 0.016)).toBe(true);
    expect(beats.step(0.9, 416, 0.016)).toBe(false);
  });
});

describe('gestures', () => {
  it.each([
    ['Hello, Dora!', 'wave'],
    ['Привет всем!', 'wave'],
    ['No, that is mine.', 'shake'],
    ['Нет, спасибо.', 'shake'],
    ['Is it?', 'tilt'],
    ['What a day!', 'hop'],
    ['This is a plain one.', 'nod'],
    ['Philosophy is hard.', 'nod'],
  ] as const)('%s', (text, gesture) => expect(gestureFor(text, null, 0)).toBe(gesture));

  it('end where they began', () => {
    const gestures = new Gestures();
    gestures.begin('wave', 0);
    expect(gestures.at(900).hand).toBeGreaterThan(0.9);
    expect(Object.values(gestures.at(10_000)).every((value) => value === 0)).toBe(true);
  });
});

describe('a look from the wire', () => {
  it('keeps what it knows and takes the default for the rest', () => {
    const look = lookFrom({ face: 'sharp', hair: 'helmet', accessories: ['glasses', 'crown'], palette: { hair: '#112233', eyes: 5 } });
    expect(look).toMatchObject({ face: 'sharp', hair: DEFAULT_LOOK.hair, accessories: ['glasses'] });
    expect(look.palette).toEqual({ ...DEFAULT_LOOK.palette, hair: '#112233' });
  });

  it('never lets a colour become anything but a colour', () => {
    const { hair } = lookFrom({ palette: { hair: 'red;background:url(x)' } }).palette;
    expect(Object.values(tones({ hair })).every((value) => /^hsl\(\d+, \d+%, \d+%\)$/.test(value))).toBe(true);
  });

  it('is read from a preview of our own form', () => {
    const change = previewChange({ type: 'aigirl-preview', avatar: { kind: 'svg', face: 'cool' }, mouth: 'aa', gesture: 'wave' });
    expect(change).toEqual({ avatar: { kind: 'svg', face: 'cool' }, mouth: { viseme: 'aa', weight: 1 }, gesture: 'wave' });
    expect(previewChange({ type: 'aigirl-preview', avatar: 'svg', gesture: 'explode' })).toEqual({});
  });
});

describe('her breath', () => {
  it('is never twice as deep nor as long, and never stops', () => {
    const breath = new Breath(7);
    const tops: { readonly height: number; readonly at: number }[] = [];
    let [before, rising] = [0, true];
    for (let t = 0; t < 300_000; t += 20) {
      breath.step(t, 0.02, 0.26);
      const now = breath.value;
      if (rising && now < before) tops.push({ height: before, at: t });
      [rising, before] = [now >= before, now];
    }
    const heights = tops.map((top) => top.height);
    const lengths = tops.slice(1).map((top, i) => top.at - tops[i]!.at);
    const spread = (values: readonly number[]): number => Math.max(...values) / Math.min(...values);
    expect(tops.length).toBeGreaterThan(60);
    expect(spread(heights)).toBeGreaterThan(1.4);
    expect(spread(lengths)).toBeGreaterThan(1.3);
    expect(Math.min(...heights)).toBeGreaterThan(0.6);
    expect(Math.max(...heights)).toBeLessThan(1.35);
    expect(Math.max(...lengths)).toBeLessThan(6_000);
  });
});

describe('her own pictures', () => {
  const address = (digit: string): string => `/media/avatars/${digit.repeat(32)}.png`;
  const rest: Shown = { mood: 'neutral', state: 'idle', mouth: 'closed', blinking: false };

  it('come from our own site only', () => {
    const { pictures } = pictureSetFrom({ pictures: { idle: address('a'), talk: 'https://elsewhere.example/x.png', blink: '/media/avatars/../x.png' } });
    expect(pictures).toEqual({ idle: address('a') });
  });

  it('show mouth, blink and mood, and the nearest one where a picture is missing', () => {
    const all = { idle: '1', half: '2', talk: '3', blink: '4', happy: '5', happy_talk: '6', sad: '7' };
    expect(slotFor(all, rest)).toBe('idle');
    expect(slotFor(all, { ...rest, blinking: true })).toBe('blink');
    expect(slotFor(all, { ...rest, mouth: 'half' })).toBe('half');
    expect(slotFor(all, { ...rest, mouth: 'open', mood: 'happy' })).toBe('happy_talk');
    expect(slotFor(all, { ...rest, mouth: 'open', mood: 'sad' })).toBe('sad');
    expect(slotFor(all, { ...rest, mood: 'angry', mouth: 'open' })).toBe('talk');
    expect(slotFor(all, { ...rest, mouth: 'half', mood: 'happy' })).toBe('happy_talk');
    expect(slotFor(all, { ...rest, blinking: true, mood: 'happy' })).toBe('happy');
    expect(slotFor(all, { ...rest, state: 'offline' })).toBe('blink');
    expect(slotFor({ idle: '1' }, { ...rest, mouth: 'open' })).toBe('idle');
    expect(slotFor({ idle: '1', talk: '2' }, { ...rest, mouth: 'half' })).toBe('talk');
  });

  it('half open their mouth and blink in a mood, too', () => {
    const all = { idle: '1', talk: '2', blink: '3', sad: '4', sad_half: '5', sad_blink: '6' };
    const sad: Shown = { ...rest, mood: 'sad' };
    expect(slotFor(all, { ...sad, mouth: 'half' })).toBe('sad_half');
    expect(slotFor(all, { ...sad, mouth: 'open' })).toBe('sad_half');
    expect(slotFor(all, { ...sad, mouth: 'open', blinking: true })).toBe('sad_half');
    expect(slotFor(all, { ...sad, blinking: true })).toBe('sad_blink');
    expect(slotFor({ ...all, thinking: '7', thinking_blink: '8' }, { ...rest, state: 'thinking', blinking: true })).toBe('thinking_blink');
  });

  it('do not flutter at a border, and shut at once with the sound', () => {
    const steps = new MouthSteps();
    const map = DEFAULT_MAP;
    expect(steps.step(0.2, map, 0)).toBe('half');
    expect(steps.step(0.15, map, 100)).toBe('half');
    expect(steps.step(0.52, map, 200)).toBe('open');
    expect(steps.step(0.3, map, 230)).toBe('open');
    expect(steps.step(0, map, 240)).toBe('closed');
  });

  it('open for vowels and stay shut for closed lips', () => {
    expect(openingOf('PP', 1)).toBe(0);
    for (const viseme of VISEMES) expect(openingOf(viseme, 1)).toBeLessThanOrEqual(openingOf('aa', 1));
  });

  it('take thresholds only from a sane range', () => {
    expect(pictureSetFrom({ mouth: { half: 9, open: 'x', hysteresis: -4 }, bounce: 1e9 })).toMatchObject({
      mouth: { half: 0.95, open: 0.95, hysteresis: 0 },
      bounce: 40,
    });
  });
});
