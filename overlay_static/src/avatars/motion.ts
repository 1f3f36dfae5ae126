/** How she moves when nobody moves her. Pure: time and chance are given. */

/** A value that follows its target like a weight on a spring. */
export class Spring {
  velocity = 0;

  /** `stiffness` 1/s², `damping` 0..1 (1: no swinging past the target). */
  constructor(
    private readonly stiffness: number,
    private readonly damping: number,
    public value = 0,
  ) {}

  step(target: number, seconds: number): number {
    // Small steps keep a stiff spring calm at low frame rates.
    const steps = Math.max(1, Math.ceil(seconds / 0.008));
    const dt = seconds / steps;
    const drag = 2 * this.damping * Math.sqrt(this.stiffness);
    for (let i = 0; i < steps; i++) {
      this.velocity += (this.stiffness * (target - this.value) - drag * this.velocity) * dt;
      this.value += this.velocity * dt;
    }
    return this.value;
  }
}

const BLINK_MS = 160;
const BLINK_GAP_MS: readonly [number, number] = [2000, 6000];
const DOUBLE_SHARE = 0.15;
const DOUBLE_GAP_MS = 110;

/** When she blinks: every 2 to 6 s, sometimes twice. */
export class Blinking {
  private next: number | null = null;
  private doubled = false;

  constructor(private readonly random: () => number) {}

  /** How far the lids are shut at `tMs`, 0..1. */
  at(tMs: number): number {
    this.next ??= tMs + this.gap();
    // After a long pause (a hidden page) the blinks that were missed are not made up for.
    if (tMs > this.next + BLINK_MS + 500) this.next = tMs + this.gap();
    const into = tMs - this.next;
    if (into < 0) return 0;
    if (into < BLINK_MS) return Math.sin((Math.PI * into) / BLINK_MS) ** 0.7;
    const again = !this.doubled && this.random() < DOUBLE_SHARE;
    this.doubled = again;
    this.next = tMs + (again ? DOUBLE_GAP_MS : this.gap());
    return 0;
  }

  private gap(): number {
    return BLINK_GAP_MS[0] + this.random() * (BLINK_GAP_MS[1] - BLINK_GAP_MS[0]);
  }
}

const GLANCE_GAP_MS: readonly [number, number] = [700, 3600];

/** Where her eyes wander: mostly to the viewer, now and then a little aside, in jumps as eyes do. */
export class Glancing {
  x = 0;
  y = 0;
  private next = 0;
  private toX = 0;
  private toY = 0;

  constructor(private readonly random: () => number) {}

  step(tMs: number, seconds: number): void {
    if (tMs >= this.next) {
      const home = this.random() < 0.55;
      this.toX = home ? 0 : (this.random() - 0.5) * 0.9;
      this.toY = home ? 0 : (this.random() - 0.5) * 0.5;
      this.next = tMs + GLANCE_GAP_MS[0] + this.random() * (GLANCE_GAP_MS[1] - GLANCE_GAP_MS[0]);
    }
    const share = 1 - Math.exp(-seconds / 0.028);
    this.x += (this.toX - this.x) * share;
    this.y += (this.toY - this.y) * share;
  }
}

/** Smooth wandering between -1 and 1 that never repeats: every step has its own hashed value, and two slow waves whose
 * periods have no common multiple are laid over each other. */
export class Drift {
  /** `seed` any whole number, `periodS` about how long one wander takes. */
  constructor(
    private readonly seed: number,
    private readonly periodS: number,
  ) {}

  at(seconds: number): number {
    const at = seconds / this.periodS;
    return 0.72 * this.wave(at, 0) + 0.28 * this.wave(at * GOLDEN * 1.9, 1);
  }

  private wave(at: number, layer: number): number {
    const step = Math.floor(at);
    const share = at - step;
    const eased = share * share * share * (share * (share * 6 - 15) + 10);
    const from = hashed(step, this.seed + layer);
    return from + (hashed(step + 1, this.seed + layer) - from) * eased;
  }
}

const GOLDEN = 1.618033988749895;

/** -1..1 of two whole numbers. */
function hashed(step: number, seed: number): number {
  let h = Math.imul(step | 0, 0x9e3779b1) ^ Math.imul((seed | 0) + 0x7f4a7c15, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 0x7fffffff - 1;
}

/** Breath whose pace and depth wander: no two breaths are alike. */
export class Breath {
  private phase = 0;
  private deep = 1;
  private readonly pace: Drift;
  private readonly depth: Drift;

  /** `seed` any whole number. */
  constructor(seed: number) {
    this.pace = new Drift(seed, 11);
    this.depth = new Drift(seed + 31, 7);
  }

  /** `perSecond`: breaths a second, about. */
  step(tMs: number, seconds: number, perSecond: number): void {
    const t = tMs / 1000;
    this.phase += seconds * perSecond * (1 + 0.25 * this.pace.at(t)) * Math.PI * 2;
    this.deep = 1 + 0.3 * this.depth.at(t);
  }

  /** About -1 out, 1 in; out takes longer than in. */
  get value(): number {
    return this.deep * Math.sin(this.phase + 0.35 * Math.sin(this.phase));
  }
}

const BEAT_GAP_MS = 300;
/** Opening a second from which on a syllable counts as stressed. */
const BEAT_SPEED = 9;

/** Finds the stressed syllables in the movement of the mouth: where her head goes along. */
export class Beats {
  private before = 0;
  private last = -BEAT_GAP_MS;

  /** True once for each stressed syllable. */
  step(opening: number, tMs: number, seconds: number): boolean {
    const speed = seconds > 0 ? (opening - this.before) / seconds : 0;
    this.before = opening;
    if (speed < BEAT_SPEED || tMs - this.last < BEAT_GAP_MS) return false;
    this.last = tMs;
    return true;
  }
}

const ACT_GAP_MS: readonly [number, number] = [7_000, 19_000];

/** Little things she does by herself while nothing happens. */
export class Whims<T> {
  private next: number | null = null;

  constructor(
    private readonly acts: readonly T[],
    private readonly random: () => number,
  ) {}

  /** The act that begins now, or null. */
  at(tMs: number): T | null {
    this.next ??= tMs + this.gap();
    if (tMs < this.next) return null;
    // What was missed while nobody looked is not made up for.
    const late = tMs - this.next > 2_000;
    this.next = tMs + this.gap();
    return late ? null : (this.acts[Math.floor(this.random() * this.acts.length)] ?? null);
  }

  private gap(): number {
    return ACT_GAP_MS[0] + this.random() * (ACT_GAP_MS[1] - ACT_GAP_MS[0]);
  }
}
