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

const NOD_MS = 420;

/** A short nod with the first word of a sentence. */
export class Nodding {
  private begun: number | null = null;

  begin(tMs: number): void {
    this.begun = tMs;
  }

  /** 0..1 down. */
  at(tMs: number): number {
    if (this.begun === null) return 0;
    const share = (tMs - this.begun) / NOD_MS;
    if (share >= 1) {
      this.begun = null;
      return 0;
    }
    return Math.sin(Math.PI * share) ** 2;
  }
}
