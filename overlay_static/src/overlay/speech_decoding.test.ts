import { beforeEach, describe, expect, it } from 'vitest';
import { Speech } from './speech';
import { Stand } from './speech_stand';

let stand: Stand;
beforeEach(() => {
  stand = new Stand();
});

describe('sound that must be decoded', () => {
  /** What the decoder makes of the frames up to here. */
  const decoded = (offset: number, length: number): void => stand.decoders.at(-1)?.sound(offset, new Int16Array(length));
  const pushed = (): [number, number][] =>
    stand.orders.flatMap((order) => (order.do === 'push' ? [[order.offset, order.samples.length] as [number, number]] : []));

  const heardWithoutStep = (length: number): Int16Array => {
    const joined = new Int16Array(length);
    for (const order of stand.orders) if (order.do === 'push') joined.set(order.samples, order.offset);
    const steps = Array.from(joined, (value, n) => Math.abs(value - (joined[n - 1] ?? value)));
    expect(Math.max(...steps)).toBeLessThan(50);
    return joined;
  };

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

  it.each<[string, ...[offset: number, length: number, level: number][]]>([
    ['overlaps, whichever came first', [0, 900, 1000], [2400, 600, 1500], [0, 1800, 3000], [1800, 900, 3000]],
    ['fills a hole to its very edges', [0, 900, 1000], [2400, 600, 1500], [0, 900, 3000], [900, 1500, 3000]],
  ])('has no step where sound that was coded twice %s', (_how, ...came) => {
    stand.frame(1, 0);
    for (const [offset, length, level] of came) stand.decoders.at(-1)?.sound(offset, new Int16Array(length).fill(level));
    const joined = heardWithoutStep(3000);
    expect([joined[0], joined[899], joined[1650], joined[2400], joined[2999]]).toEqual([1000, 1000, 3000, 1500, 1500]);
  });

  it('has no step where another coding goes on just where it ends', () => {
    stand.frame(1, 0);
    stand.decoders.at(-1)?.sound(0, new Int16Array(960).fill(1000));
    stand.enc = 'pcm_s16le';
    stand.begin(1);
    const samples = new Int16Array(960).fill(3000);
    for (const seq of [1, 2]) stand.speech.frame({ fence: 1, utt: 1, seq, offset: seq * 960, body: new Uint8Array(samples.slice().buffer) });
    const joined = heardWithoutStep(2880);
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
