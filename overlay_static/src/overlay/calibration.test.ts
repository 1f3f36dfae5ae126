import { beforeEach, describe, expect, it } from 'vitest';
import type { RingOrder } from './audio/output';
import { silentOutput } from './audio/silent_output';
import { BEEP_MS, beep, Calibration } from './calibration';
import { Clock } from './clock';
import { decodeMessage } from './protocol';
import type { Lane } from './speech';

const RATE = 24_000;

/** A test on a real output without sound, whose time is ours. */
class Stand {
  now = 0;
  readonly orders: RingOrder[] = [];
  readonly test = new Calibration(() => this.lane);
  readonly lane: Lane = this.open();

  private open(): Lane {
    const clock = new Clock(RATE);
    const output = silentOutput(() => this.now, (events) => {
      for (const event of events) clock.add(event);
      this.test.happened(events);
    });
    const order = (given: RingOrder): void => {
      this.orders.push(given);
      output.order(given);
    };
    return { audible: false, clock, output: { ...output, order } };
  }

  /** Seconds at which the flash is seen first, looked for each `step` seconds until `end`. */
  flashes(end: number, offsetMs = 0, step = 0.01): number[] {
    const found: number[] = [];
    let before = false;
    for (; this.now < end; this.now += step) {
      const lit = this.test.lit((ms) => ms - offsetMs);
      if (lit && !before) found.push(Math.round(this.now * 100) / 100);
      before = lit;
    }
    return found;
  }
}

let stand: Stand;
beforeEach(() => {
  stand = new Stand();
});

describe('a beep', () => {
  it('fills its step: sound without a click, then silence', () => {
    const samples = beep(1000);
    const length = (BEEP_MS * RATE) / 1000;
    expect(samples.length).toBe(RATE);
    expect(samples[0]).toBe(0);
    expect(Math.abs(samples[length - 1] ?? 0)).toBeLessThan(400);
    expect(Math.max(...samples)).toBeGreaterThan(7000);
    expect(samples.subarray(length).every((sample) => sample === 0)).toBe(true);
  });
});

describe('the test', () => {
  it('flashes once for each beep and is over by itself', () => {
    stand.test.play(3, 1000);
    const seen = stand.flashes(6);
    expect(seen).toHaveLength(3);
    expect(Math.abs((seen[0] ?? 0) - 1)).toBeLessThan(0.05);
    expect(stand.test.busy).toBe(false);
  });

  it('lights each flash as long as its beep is heard, and no longer', () => {
    stand.test.play(1, 1000);
    let seconds = 0;
    for (; stand.now < 3; stand.now += 0.001) seconds += stand.test.lit((ms) => ms) ? 0.001 : 0;
    expect(Math.abs(seconds * 1000 - BEEP_MS)).toBeLessThan(5);
  });

  it('shows every flash on a page that draws less often than a flash lasts', () => {
    stand.test.play(8, 1000);
    expect(stand.flashes(10, 0, 0.37)).toHaveLength(8);
  });

  it('leaves out a flash that would come when its beep is long over', () => {
    stand.test.play(2, 1000);
    stand.now = 1.9;
    expect(stand.test.lit((ms) => ms)).toBe(false);
    expect(stand.flashes(4)).toHaveLength(1);
  });

  it.each([-500, 200, 500])('moves its flashes by the offset of %i ms and loses none', (offset) => {
    stand.test.play(3, 1000);
    const seen = stand.flashes(6, offset);
    expect(seen).toHaveLength(3);
    for (const [n, at] of seen.entries()) expect(Math.abs(at - (n + 1) - offset / 1000)).toBeLessThan(0.05);
  });

  it('sounds where each flash belongs', () => {
    stand.test.play(2, 500);
    const starts = stand.orders.flatMap((order) => (order.do === 'push' ? [order.offset] : []));
    expect(starts).toEqual([0, 12_000, 24_000]);
    expect(stand.orders.at(-1)).toEqual({ do: 'end', clip: -1, total: 36_000 });
  });

  it('is dark and silent at once when it is stopped', () => {
    stand.test.play(8, 1000);
    expect(stand.flashes(1.04)).toHaveLength(1);
    stand.test.stop();
    expect(stand.test.lit((ms) => ms)).toBe(false);
    expect(stand.orders.at(-1)).toEqual({ do: 'interrupt', clip: -1 });
    expect(stand.flashes(4)).toEqual([]);
  });

  it('begins anew when it is asked for again, and ends with none', () => {
    stand.test.play(8, 1000);
    stand.flashes(1.5);
    stand.test.play(2, 1000);
    expect(stand.flashes(6)).toHaveLength(2);
    stand.test.play(8, 1000);
    stand.test.play(0, 1000);
    expect(stand.test.busy).toBe(false);
  });
});

describe('the order to test', () => {
  it('stays in bounds', () => {
    const order = (body: object): unknown => decodeMessage(JSON.stringify({ t: 'calibrate', ...body }));
    expect(order({ count: 8, every_ms: 1000 })).toEqual({ t: 'calibrate', fence: null, count: 8, everyMs: 1000 });
    expect(order({ count: 1e9, every_ms: 0.5 })).toEqual({ t: 'calibrate', fence: null, count: 20, everyMs: 500 });
    expect(order({ count: 'many' })).toEqual({ t: 'calibrate', fence: null, count: 0, everyMs: 500 });
  });
});
