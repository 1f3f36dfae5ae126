import { describe, expect, it } from 'vitest';
import { Cutter } from './audio/cutter';
import { HalfBand, LOOKS_AHEAD } from './audio/half_band';
import { Coverage } from './coverage';
import { wantsOpus } from './decoding';
import { unpack } from './opus_frame';

const CLIP = 24_000;

function tone(hertz: number, rate: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hertz * n) / rate));
}

function rms(samples: ArrayLike<number>): number {
  return Math.sqrt(Array.from(samples).reduce((sum, value) => sum + value * value, 0) / samples.length);
}

describe('which coding a page asks for', () => {
  it.each([
    'localhost', 'aigirl.localhost', '127.0.0.1', '127.1.2.3', '10.0.0.7', '192.168.1.20', '172.16.0.1', '172.31.9.9', '169.254.3.4',
    '[::1]', '[fd00::17]', '[fe80::1]', 'studio.local',
  ])('PCM from %s', (hostname) => {
    expect(wantsOpus({ hostname, search: '' })).toBe(false);
  });

  it.each(['example.com', '8.8.8.8', '172.32.0.1', '10.example.com', '192.168.example.com', 'notlocalhost', '[2001:db8::1]', 'a.local.example'])(
    'Opus from %s',
    (hostname) => {
      expect(wantsOpus({ hostname, search: '' })).toBe(true);
    },
  );

  it('what the address says, wherever it is', () => {
    expect(wantsOpus({ hostname: '127.0.0.1', search: '?enc=opus' })).toBe(true);
    expect(wantsOpus({ hostname: 'example.com', search: '?preview=1&enc=pcm' })).toBe(false);
  });
});

describe('a frame of packets', () => {
  const frame = Uint8Array.from([...[0x10, 0x27, 0, 0], ...[60, 0], ...[0xe0, 1], ...[2, 0, 7, 8], ...[0, 0], ...[1, 0, 9]]);

  it('is taken apart', () => {
    const found = unpack(frame);
    expect(found).toMatchObject({ at: 10_000, skip: 60, samples: 480 });
    expect(found?.packets.map((packet) => [...packet])).toEqual([[7, 8], [], [9]]);
  });

  it('may stand anywhere in memory, and may bring nothing', () => {
    const inside = new Uint8Array(64);
    inside.set(frame.subarray(0, 8), 16);
    expect(unpack(inside.subarray(16, 24))).toEqual({ at: 10_000, skip: 60, samples: 480, packets: [] });
  });

  it.each([4, 9, 11, 16])('is nothing when it is cut short after %i bytes', (length) => {
    expect(unpack(frame.subarray(0, length))).toBeNull();
  });
});

describe('from 48 kHz to 24 kHz', () => {
  const through = (samples: Float32Array, ...sizes: number[]): Float32Array => {
    const half = new HalfBand();
    const out: number[] = [];
    for (let at = 0, n = 0; at < samples.length; n++) {
      const size = sizes[n % sizes.length] ?? samples.length;
      out.push(...half.take(samples.slice(at, at + size)));
      at += size;
    }
    return Float32Array.from(out);
  };

  it('keeps each sample in its place', () => {
    const out = through(tone(1000, 48_000, 9600), 960);
    expect(out.length).toBeGreaterThanOrEqual(4800 - LOOKS_AHEAD);
    const expected = tone(1000, CLIP, out.length);
    const worst = Math.max(...Array.from(out.subarray(100), (value, n) => Math.abs(value - (expected[n + 100] as number))));
    expect(worst).toBeLessThan(0.001);
  });

  it('gives the same whatever pieces it comes in', () => {
    const sound = tone(700, 48_000, 4800);
    expect(through(sound, 1, 7, 960, 33)).toEqual(through(sound));
  });

  it('lets the voice through and nothing that would fold back into it', () => {
    for (const hertz of [100, 4000, 8000]) expect(rms(through(tone(hertz, 48_000, 9600)).subarray(100))).toBeCloseTo(0.3536, 2);
    for (const hertz of [15_000, 18_000, 23_000]) expect(rms(through(tone(hertz, 48_000, 9600)).subarray(100))).toBeLessThan(0.001);
  });
});

describe('cutting what a decoder gives out', () => {
  const SKIP = 60;

  function cut(at: number, ends: number[], rate: number): { offset: number; samples: Int16Array }[] {
    const pieces: { offset: number; samples: Int16Array }[] = [];
    const cutter = new Cutter(at, SKIP, (offset, samples) => void pieces.push({ offset, samples }));
    const ratio = rate / CLIP;
    const sound = tone(500, rate, 20 * 480 * ratio);
    ends.forEach((end) => cutter.expect(end));
    for (let n = 0; n < sound.length; n += 480 * ratio) expect(cutter.add(sound.slice(n, n + 480 * ratio), rate)).toBe(true);
    return pieces;
  }

  it.each([CLIP, 2 * CLIP])('leaves out the lead-in and hands over frame by frame, from %i Hz', (rate) => {
    const pieces = cut(1000, [1000 + 2000, 1000 + 2000, 1000 + 4711], rate);
    expect(pieces.map(({ offset, samples }) => [offset, samples.length])).toEqual([[1000, 2000], [3000, 2711]]);
    const whole = pieces.flatMap(({ samples }) => [...samples]);
    const expected = tone(500, CLIP, 6000);
    const worst = Math.max(...whole.map((value, n) => Math.abs(value / 32767 - (expected[n + SKIP] as number))));
    expect(worst).toBeLessThan(0.001);
  });

  it('hands over nothing before all of a frame is there', () => {
    expect(cut(0, [20 * 480], 2 * CLIP)).toEqual([]);
    expect(cut(0, [20 * 480 - SKIP - LOOKS_AHEAD], 2 * CLIP)).toHaveLength(1);
  });

  it('refuses a rate that is not ours', () => {
    expect(new Cutter(0, 0, () => undefined).add(new Float32Array(441), 44_100)).toBe(false);
  });
});

describe('what is here of an utterance', () => {
  it('tells the new parts of what comes', () => {
    const coverage = new Coverage();
    expect(coverage.add(0, 100)).toEqual([[0, 100]]);
    expect(coverage.add(300, 400)).toEqual([[300, 400]]);
    expect(coverage.add(50, 350)).toEqual([[100, 300]]);
    expect(coverage.add(0, 400)).toEqual([]);
    expect(coverage.add(7, 7)).toEqual([]);
  });

  it('agrees with a list of single samples, whatever comes', () => {
    const coverage = new Coverage();
    const here = new Set<number>();
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let n = 0; n < 300; n++) {
      const begin = random(1000);
      const end = begin + random(40);
      const fresh = coverage.add(begin, end).flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
      const expected = Array.from({ length: end - begin }, (_, i) => begin + i).filter((sample) => !here.has(sample));
      expect(fresh).toEqual(expected);
      expected.forEach((sample) => here.add(sample));
      const from = random(1000);
      let to = from;
      while (here.has(to)) to++;
      expect(coverage.runsTo(from)).toBe(to);
    }
  });
});
