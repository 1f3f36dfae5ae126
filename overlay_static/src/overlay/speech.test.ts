import { beforeEach, describe, expect, it } from 'vitest';
import type { RingOrder } from './audio/output';
import { Clock } from './clock';
import type { DecodingEvents } from './decoding';
import { Pace } from './pace';
import type { Encoding } from './protocol';
import { Speech, type Lane } from './speech';

const RATE = 24_000;

/** The page's speech over an output that only notes its orders. */
class Stand {
  readonly orders: RingOrder[] = [];
  readonly acks: string[] = [];
  readonly missing: [number, number][] = [];
  readonly later: (() => void)[] = [];
  now = 0;
  enc: Encoding = 'pcm_s16le';
  readonly decoders: DecodingEvents[] = [];
  taken = 0;
  closed = 0;
  undecodable = 0;
  readonly lane: Lane = {
    audible: true,
    clock: new Clock(RATE),
    output: { order: (order) => void this.orders.push(order), heardAt: () => this.now, tick: () => undefined },
  };
  readonly speech = new Speech(
    () => this.lane,
    () => 0.04,
    (run) => void this.later.push(run),
    {
      ack: (event, { utt }, ms) => void this.acks.push(`${event} ${utt} ${Math.round(ms)}`),
      missing: (utt, seq) => void this.missing.push([utt, seq]),
      undecodable: () => void this.undecodable++,
      changed: () => undefined,
    },
    () => (events) => {
      this.decoders.push(events);
      return { take: () => void this.taken++, close: () => void this.closed++ };
    },
  );

  /** `seq`: the frame it begins with when it begins in the middle (of 40 ms each). */
  begin(utt: number, from = 0, fence = 1): void {
    this.speech.admits(fence);
    this.speech.take({ t: 'speech.begin', fence, utt, turn: 'turn', enc: this.enc, from, seq: Math.floor(from / 40) });
  }

  frame(utt: number, seq: number, fence = 1): void {
    this.speech.frame({ fence, utt, seq, offset: seq * 960, body: new Uint8Array(1920) });
  }

  plays(ms: number, kind: 'play' | 'pause' = 'play'): void {
    this.speech.happened(this.lane, [{ kind, clip: 1, at: this.now, sample: (ms * RATE) / 1000 }]);
  }

  did(): string[] {
    return this.orders.map((order) => order.do);
  }
}

let stand: Stand;
beforeEach(() => {
  stand = new Stand();
});

describe('coming in the middle', () => {
  it('begins where the others are', () => {
    stand.begin(1, 1500);
    stand.frame(1, 37);
    stand.frame(1, 38);
    expect(stand.orders[0]).toEqual({ do: 'begin', clip: 1, from: 36_000, cushion: 0.04 });
    expect(stand.did()).toEqual(['begin', 'push', 'push']);
    expect(stand.missing).toEqual([]);
  });

  it('misses nothing when a new frame overtakes those it is told again', () => {
    stand.begin(1, 1500);
    stand.frame(1, 60);
    expect(stand.missing).toEqual([[1, 37]]);
    for (let seq = 37; seq < 60; seq++) stand.frame(1, seq);
    expect(stand.did().filter((done) => done === 'push')).toHaveLength(24);
    expect(stand.speech.counts.dropped).toBe(0);
  });

  it('waits with frames that nobody announced, and asks for the whole once', () => {
    stand.frame(1, 37);
    stand.frame(1, 38);
    expect(stand.orders).toEqual([]);
    stand.later.forEach((run) => run());
    expect(stand.missing).toEqual([[1, 0]]);
  });

  it('asks for nothing when the announcement comes after all', () => {
    stand.frame(1, 37);
    stand.begin(1, 1500);
    stand.later.forEach((run) => run());
    expect(stand.missing).toEqual([]);
  });
});

describe('coming back', () => {
  beforeEach(() => {
    stand.begin(1);
    for (let seq = 0; seq < 5; seq++) stand.frame(1, seq);
  });

  it('says what it has', () => {
    expect(stand.speech.had).toEqual([[1, 1, 5]]);
    stand.frame(1, 7);
    expect(stand.speech.had).toEqual([[1, 1, 5]]);
  });

  it('goes on where its sound stopped when it is the page that is heard', () => {
    stand.speech.follows = false;
    stand.plays(200, 'pause');
    stand.begin(1, 3000);
    for (let seq = 3; seq < 8; seq++) stand.frame(1, seq);
    expect(stand.did().filter((what) => what !== 'push')).toEqual(['begin']);
    expect(stand.did().filter((what) => what === 'push')).toHaveLength(8);
  });

  it('leaves out what it missed when another page is heard', () => {
    stand.plays(200, 'pause');
    stand.begin(1, 3000);
    expect(stand.orders.at(-1)).toEqual({ do: 'skip', clip: 1, to: 72_000 });
  });

  it('tells the server where the sound stands', () => {
    stand.plays(100);
    stand.later.forEach((run) => run());
    stand.now = 0.25;
    stand.speech.report();
    expect(stand.acks).toEqual(['playing 1 100', 'playing 1 350']);
  });
});

describe('what is over', () => {
  it('stays over: late frames of an interrupted utterance are dropped', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.speech.interrupt(null);
    stand.speech.happened(stand.lane, [{ kind: 'cut', clip: 1, at: 0, sample: 0 }]);
    stand.frame(1, 1);
    stand.begin(1);
    expect(stand.did()).toEqual(['begin', 'push', 'interrupt']);
    expect(stand.speech.counts.dropped).toBe(1);
    expect(stand.speech.busy).toBe(false);
  });

  it('a new run ends what the old one left unfinished', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.frame(1, 0, 2);
    expect(stand.orders.at(-1)).toEqual({ do: 'end', clip: 1, total: 960 });
    stand.frame(1, 1);
    expect(stand.speech.counts.dropped).toBe(1);
  });
});

describe('the pace of the page', () => {
  const run = (pace: Pace, ...intervals: number[]): void => {
    let now = 0;
    for (const interval of intervals) pace.frame((now += interval));
  };

  it('asks for little sound ahead while the page runs steadily, at 60 frames and at 30', () => {
    for (const frame of [16.7, 33.3]) {
      const pace = new Pace();
      run(pace, ...Array<number>(200).fill(frame));
      expect(pace.cushion).toBe(0.1);
      expect(pace.fps).toBeCloseTo(1000 / frame, 0);
    }
  });

  it('asks for more after a long pause, and forgets it again', () => {
    const pace = new Pace();
    run(pace, ...Array<number>(50).fill(16), 150);
    expect(pace.cushion).toBeGreaterThan(0.18);
    run(pace, ...Array<number>(50).fill(16), 150, ...Array<number>(600).fill(16));
    expect(pace.cushion).toBe(0.1);
  });

  it('does not take a hidden page for a busy one', () => {
    const pace = new Pace();
    run(pace, ...Array<number>(50).fill(16), 60_000, 16);
    expect(pace.cushion).toBe(0.1);
  });
});

describe('another run', () => {
  it('interrupts its own utterance and not that of the run before with the same number', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.begin(1, 0, 2);
    stand.speech.interrupt(1);
    expect(stand.orders.filter((order) => order.do === 'interrupt')).toEqual([{ do: 'interrupt', clip: 2 }]);
  });

  it('remembers an interrupt of what it has not told yet', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.speech.admits(2);
    stand.speech.interrupt(1);
    stand.begin(1, 0, 2);
    expect(stand.did().filter((done) => done === 'begin')).toHaveLength(1);
  });
});

describe('sound that may be made only later', () => {
  it('is asked for again and heard from where the run says', () => {
    const lane = stand.lane as { audible: boolean };
    lane.audible = false;
    stand.begin(1);
    stand.frame(1, 0);
    stand.speech.becameAudible();
    expect(stand.did()).toEqual(['begin', 'push', 'interrupt']);
    stand.later.forEach((run) => run());
    expect(stand.missing).toEqual([[1, 0]]);
    lane.audible = true;
    stand.begin(1, 400);
    expect(stand.orders.at(-1)).toMatchObject({ do: 'begin', clip: 2, from: 9600 });
  });

  it('leaves alone what is heard already', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.speech.becameAudible();
    expect(stand.did()).toEqual(['begin', 'push']);
  });
});

describe('sound that stayed away for long', () => {
  it('goes on where the run says when it comes back, and was never ended', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.speech.happened(stand.lane, [{ kind: 'lost', clip: 1, at: 0, sample: 960 }]);
    stand.later.forEach((run) => run());
    expect(stand.acks).toEqual([]);
    expect(stand.speech.had).toEqual([]);
    stand.begin(1, 400);
    stand.frame(1, 10);
    expect(stand.orders.at(-1)).toMatchObject({ do: 'push', clip: 2 });
  });
});

describe('many utterances', () => {
  it('leave nothing behind', () => {
    for (let utt = 1; utt <= 200; utt++) {
      stand.begin(utt);
      stand.frame(utt, 0);
      stand.speech.happened(stand.lane, [{ kind: 'end', clip: utt, at: 0, sample: 960 }]);
      stand.later.splice(0).forEach((run) => run());
    }
    expect(stand.speech.busy).toBe(false);
    expect(stand.speech.had).toEqual([]);
  });
});

describe('a page that is not heard', () => {
  it('leaves out what lies between when it has fallen behind', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.plays(0);
    stand.begin(1, 100);
    expect(stand.did()).not.toContain('skip');
    stand.begin(1, 1000);
    expect(stand.orders.at(-1)).toEqual({ do: 'skip', clip: 1, to: 24_000 });
  });

  it('stays where it is when it is the one that is heard', () => {
    stand.speech.follows = false;
    stand.begin(1);
    stand.frame(1, 0);
    stand.plays(0);
    stand.begin(1, 1000);
    expect(stand.did()).not.toContain('skip');
  });
});

describe('sound that must be decoded', () => {
  /** What the decoder makes of the frames up to here. */
  const decoded = (offset: number, length: number): void => stand.decoders.at(-1)?.sound(offset, new Int16Array(length));
  const pushed = (): [number, number][] =>
    stand.orders.flatMap((order) => (order.do === 'push' ? [[order.offset, order.samples.length] as [number, number]] : []));

  beforeEach(() => {
    stand.enc = 'opus';
    stand.begin(1);
  });

  it('is heard when it is decoded, and needs what is not wholly here', () => {
    stand.frame(1, 0);
    stand.frame(1, 1);
    expect([stand.taken, pushed()]).toEqual([2, []]);
    expect(stand.speech.had).toEqual([[1, 1, 0]]);
    decoded(0, 900);
    expect(pushed()).toEqual([[0, 900]]);
    expect(stand.speech.had).toEqual([[1, 1, 0]]);
    decoded(900, 600);
    expect(stand.speech.had).toEqual([[1, 1, 1]]);
  });

  it('waits after a new connection for the announcement that says how it is coded now, and asks when none comes', () => {
    stand.frame(1, 0);
    decoded(0, 960);
    stand.speech.reconnected();
    stand.frame(1, 1);
    expect([stand.taken, pushed()]).toEqual([1, [[0, 960]]]);
    stand.later.splice(0).forEach((run) => run());
    expect(stand.missing).toEqual([[1, 0]]);
    stand.enc = 'pcm_s16le';
    stand.begin(1);
    stand.frame(1, 1);
    expect(pushed()).toEqual([[0, 960], [960, 960]]);
  });

  it('asks for the frame before a hole whose tail went with it', () => {
    stand.frame(1, 0);
    stand.frame(1, 1);
    decoded(0, 1800);
    stand.frame(1, 3);
    expect(stand.missing).toEqual([[1, 1]]);
  });

  it('is not doubled by a repetition, of which only what is new is heard', () => {
    stand.frame(1, 0);
    decoded(0, 900);
    stand.frame(1, 0);
    stand.frame(1, 1);
    expect(stand.taken).toBe(3);
    decoded(0, 1800);
    expect(pushed()).toEqual([[0, 900], [900, 900]]);
    expect(stand.speech.counts.dropped).toBe(0);
    decoded(0, 1800);
    expect(stand.speech.counts.dropped).toBe(1);
  });

  it('has no step where the same sound was coded twice, whichever came first', () => {
    stand.frame(1, 0);
    const came: [number, number, number][] = [[0, 900, 1000], [2400, 600, 1500], [0, 1800, 3000], [1800, 900, 3000]];
    for (const [offset, length, level] of came) stand.decoders.at(-1)?.sound(offset, new Int16Array(length).fill(level));
    const joined = new Int16Array(3000);
    for (const order of stand.orders) if (order.do === 'push') joined.set(order.samples, order.offset);
    const steps = Array.from(joined, (value, n) => Math.abs(value - (joined[n - 1] ?? value)));
    expect(Math.max(...steps)).toBeLessThan(50);
    expect([joined[0], joined[1500], joined[2999]]).toEqual([1000, 3000, 1500]);
  });

  it('has no step where another coding goes on just where it ends', () => {
    stand.frame(1, 0);
    stand.decoders.at(-1)?.sound(0, new Int16Array(960).fill(1000));
    stand.enc = 'pcm_s16le';
    stand.begin(1);
    const samples = new Int16Array(960).fill(3000);
    for (const seq of [1, 2]) stand.speech.frame({ fence: 1, utt: 1, seq, offset: seq * 960, body: new Uint8Array(samples.slice().buffer) });
    const joined = new Int16Array(2880);
    for (const order of stand.orders) if (order.do === 'push') joined.set(order.samples, order.offset);
    const steps = Array.from(joined, (value, n) => Math.abs(value - (joined[n - 1] ?? value)));
    expect(Math.max(...steps)).toBeLessThan(50);
    expect([joined[959], joined[1400], joined[2879]]).toEqual([1000, 3000, 3000]);
  });

  it('is not heard any more when it was interrupted meanwhile', () => {
    stand.frame(1, 0);
    stand.speech.interrupt(1);
    stand.speech.happened(stand.lane, [{ kind: 'cut', clip: 1, at: 0, sample: 0 }]);
    expect(stand.closed).toBe(1);
    decoded(0, 900);
    expect(pushed()).toEqual([]);
  });

  it('comes as PCM after a decoder failed, from where it is needed', () => {
    stand.frame(1, 0);
    stand.frame(1, 1);
    decoded(0, 1800);
    stand.decoders[0]?.failed();
    expect(stand.undecodable).toBe(1);
    expect(stand.speech.had).toEqual([[1, 1, 1]]);
    stand.enc = 'pcm_s16le';
    stand.begin(1, 40);
    stand.frame(1, 1);
    stand.frame(1, 2);
    expect(stand.closed).toBe(1);
    expect(stand.missing).toEqual([]);
    expect(pushed()).toEqual([[0, 1800], [1800, 120], [1920, 960]]);
    expect(stand.speech.had).toEqual([[1, 1, 3]]);
  });

  it('asks for the tail that is missing when the server goes over to PCM in the middle', () => {
    stand.frame(1, 0);
    stand.frame(1, 1);
    decoded(0, 1800);
    stand.enc = 'pcm_s16le';
    stand.begin(1, 80);
    expect(stand.missing).toEqual([[1, 1]]);
  });

  it('is left alone where the page has no decoder', () => {
    const speech = new Speech(
      () => stand.lane,
      () => 0.04,
      () => undefined,
      { ack: () => undefined, missing: () => undefined, undecodable: () => undefined, changed: () => undefined },
      () => null,
    );
    speech.admits(1);
    speech.take({ t: 'speech.begin', fence: 1, utt: 9, turn: 'turn', enc: 'opus', from: 0, seq: 0 });
    speech.frame({ fence: 1, utt: 9, seq: 0, offset: 0, body: new Uint8Array(100) });
    expect(pushed()).toEqual([]);
  });
});
