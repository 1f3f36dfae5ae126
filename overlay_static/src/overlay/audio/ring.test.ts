import { describe, expect, it } from 'vitest';
import { Ring, type RingEvent } from './ring';

const CLIP = 24_000;
const OUT = 48_000;
const QUANTUM = 128;

/** A tone whose neighbouring samples lie near each other, so that an edge would stand out. */
function tone(seconds: number, from = 0, hertz = 300): Int16Array {
  const step = (2 * Math.PI * hertz) / CLIP;
  return Int16Array.from({ length: Math.round(seconds * CLIP) }, (_, n) => 6_000 * Math.sin((n + from) * step + 1));
}

/** A ring played in quanta on a clock of its own. */
class Player {
  readonly ring = new Ring(CLIP, OUT);
  readonly events: RingEvent[] = [];
  readonly out: number[] = [];
  now = 0;

  constructor(private readonly hertz = 300) {}

  begin(clip: number, from = 0, cushion = 0.04): void {
    this.ring.begin(clip, from, cushion, this.now);
  }

  /** Sound of the clip from `at` to `until` seconds, in chunks of 40 ms. */
  push(clip: number, at: number, until: number): void {
    for (let second = at; second < until - 1e-9; second += 0.04) {
      const offset = Math.round(second * CLIP);
      this.ring.push(clip, offset, tone(Math.min(0.04, until - second), offset, this.hertz), this.now);
    }
  }

  play(seconds: number): void {
    for (const end = this.now + seconds; this.now < end - 1e-9; this.now += QUANTUM / OUT) {
      const block = new Float32Array(QUANTUM);
      this.ring.process(block, this.now);
      this.out.push(...block);
      this.events.push(...this.ring.takeEvents());
    }
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  /** How much three samples bend where they bend most. */
  get sharpest(): number {
    let most = 0;
    for (let i = 2; i < this.out.length; i++) {
      const [a, b, c] = this.out.slice(i - 2, i + 1) as [number, number, number];
      most = Math.max(most, Math.abs(a - 2 * b + c));
    }
    return most;
  }
}

/** The highest tone's own bend at 48 kHz is 0.007; the rest is room for interpolation and seams. */
const SMOOTH = 0.011;

describe('the ring', () => {
  it('plays a clip that is there to its end', () => {
    const player = new Player();
    player.begin(1);
    player.push(1, 0, 0.4);
    player.ring.end(1, 0.4 * CLIP, player.now);
    player.play(0.6);
    expect(player.kinds()).toEqual(['play', 'end']);
    expect(player.events[0]?.at).toBe(0);
    expect(player.events[1]).toMatchObject({ sample: 0.4 * CLIP });
    expect(player.events[1]?.at).toBeCloseTo(0.4, 2);
  });

  /** When a clip begins that comes so many times as fast as it plays, in pieces of 20 ms. */
  function beginsAt(speed: number, cushion = 0.04): number {
    const player = new Player();
    player.begin(1, 0, cushion);
    for (let second = 0; second < 1; second += 0.02) {
      player.push(1, second, second + 0.02);
      player.play(0.02 / speed);
    }
    return player.events[0]?.at ?? Infinity;
  }

  it('comes in softly where the sound begins in full swing', () => {
    const player = new Player();
    player.begin(1);
    player.push(1, 0, 0.4);
    player.play(0.3);
    expect(player.out.find((value) => value !== 0)).toBeLessThan(0.01);
    expect(player.sharpest).toBeLessThan(SMOOTH);
  });

  it('begins at once when sound comes much faster than it plays', () => {
    expect(beginsAt(4)).toBeLessThan(0.05);
    expect(beginsAt(2)).toBeLessThan(0.05);
  });

  it('collects more when sound comes no faster than it plays', () => {
    expect(beginsAt(1)).toBeGreaterThan(0.1);
  });

  it('collects more on a page that often pauses', () => {
    expect(beginsAt(2, 0.3)).toBeGreaterThan(0.13);
  });

  it('goes on after an underrun only when more is there than it began with', () => {
    const player = new Player();
    player.begin(1);
    player.push(1, 0, 0.2);
    player.play(0.4);
    player.push(1, 0.2, 0.32);
    player.play(0.1);
    expect(player.kinds()).toEqual(['play', 'pause']);
    player.push(1, 0.32, 0.4);
    player.play(0.05);
    expect(player.kinds()).toEqual(['play', 'pause', 'play']);
  });

  it('puts a clip aside whose sound stays away, and says that its rest may come yet', () => {
    const player = new Player();
    player.begin(1);
    player.push(1, 0, 0.2);
    player.begin(2);
    player.push(2, 0, 0.2);
    player.ring.end(2, 0.2 * CLIP, player.now);
    player.play(12);
    expect(player.events.map(({ kind, clip }) => `${kind} ${clip}`)).toEqual(['play 1', 'pause 1', 'lost 1', 'play 2', 'end 2']);
  });

  it.each([300, 700, 1500])('stops and goes on without an edge when sound is late (%i Hz)', (hertz) => {
    const player = new Player(hertz);
    player.begin(1);
    player.push(1, 0, 0.36);
    player.play(0.5);
    player.push(1, 0.36, 0.8);
    player.ring.end(1, 0.8 * CLIP, player.now);
    player.play(0.8);
    expect(player.kinds()).toEqual(['play', 'pause', 'play', 'end']);
    expect(player.events[2]?.sample).toBe(player.events[1]?.sample);
    expect(player.sharpest).toBeLessThan(SMOOTH);
  });

  it('is silent in the place of a chunk that never came, without an edge', () => {
    const player = new Player();
    player.begin(1);
    player.push(1, 0, 0.2);
    player.push(1, 0.24, 0.6);
    player.ring.end(1, 0.6 * CLIP, player.now);
    player.play(0.8);
    expect(player.kinds()).toEqual(['play', 'gap', 'end']);
    const hole = player.out.slice(0.21 * OUT, 0.235 * OUT);
    expect(Math.max(...hole.map(Math.abs))).toBeLessThan(1e-6);
    expect(player.sharpest).toBeLessThan(SMOOTH);
  });

  it('fades an interrupted clip within 8 ms and plays nothing of it any more', () => {
    const player = new Player();
    player.begin(1);
    player.push(1, 0, 1);
    player.play(0.3);
    player.ring.interrupt(null, player.now);
    const at = player.out.length;
    player.play(0.2);
    expect(player.kinds()).toEqual(['play', 'cut']);
    expect(Math.max(...player.out.slice(at + 0.009 * OUT).map(Math.abs))).toBe(0);
    expect(player.sharpest).toBeLessThan(SMOOTH);
  });

  it('begins in the middle for a page that comes late, without calling that a gap', () => {
    const player = new Player();
    player.begin(1, 0.5 * CLIP);
    player.push(1, 0.48, 1);
    player.play(0.02);
    expect(player.events).toMatchObject([{ kind: 'play', sample: 0.5 * CLIP }]);
    expect(Math.abs(player.out[0] as number)).toBeLessThan(0.001);
  });

  it('leaves out what the page that is heard has said already', () => {
    const player = new Player();
    player.begin(1);
    player.push(1, 0, 0.2);
    player.play(0.4);
    player.ring.skip(1, 0.6 * CLIP, player.now);
    player.push(1, 0.2, 1);
    player.play(0.1);
    expect(player.events.at(-1)).toMatchObject({ kind: 'play', sample: 0.6 * CLIP });
    const told = player.events.length;
    player.ring.skip(1, 0.1 * CLIP, player.now);
    player.play(0.02);
    expect(player.events).toHaveLength(told);
  });

  it('gives up a clip whose rest never comes, so that the next one is heard', () => {
    const player = new Player();
    player.begin(1);
    player.push(1, 0, 0.2);
    player.ring.end(1, CLIP, player.now);
    player.begin(2);
    player.push(2, 0, 0.2);
    player.ring.end(2, 0.2 * CLIP, player.now);
    player.play(4);
    expect(player.events.map(({ kind, clip }) => `${kind} ${clip}`)).toEqual(['play 1', 'pause 1', 'end 1', 'play 2', 'end 2']);
  });
});
