import { describe, expect, it } from 'vitest';
import { backoffMs, isRefusal, refusedMs } from './backoff';
import { Clock, mouthMs } from './clock';
import { Envelope, MouthTimeline } from './mouth';
import { decodeFrame, decodeMessage, pcmOf } from './protocol';

describe('reconnecting', () => {
  it('waits longer each time, never longer than half a minute', () => {
    const waits = [0, 1, 2, 3].map((attempt) => backoffMs(attempt, 0.5));
    expect(waits).toEqual([500, 1000, 2000, 4000]);
    expect(backoffMs(1000, 0.999)).toBeLessThanOrEqual(30_000);
  });

  it('spreads pages that lost the server together', () => {
    expect(backoffMs(3, 0)).toBeLessThan(backoffMs(3, 0.9));
  });

  it('knocks only once a minute after the server said no', () => {
    expect(isRefusal('revoked', 1000)).toBe(true);
    expect(isRefusal(null, 4401)).toBe(true);
    expect(isRefusal('another', 4401)).toBe(false);
    expect(refusedMs(0)).toBeGreaterThanOrEqual(60_000);
  });
});

describe('the mouth', () => {
  const keys = [
    { at: 0, viseme: 'aa', weight: 1 },
    { at: 100, viseme: 'PP', weight: 1 },
    { at: 110, viseme: 'O', weight: 1 },
  ] as const;

  it('holds each shape until the next', () => {
    const mouth = new MouthTimeline();
    mouth.add(keys);
    expect(mouth.at(99)?.viseme).toBe('aa');
    expect(mouth.at(200)?.viseme).toBe('O');
    expect(mouth.at(-1)).toBeNull();
  });

  it('keeps lips together long enough to be seen', () => {
    const mouth = new MouthTimeline();
    mouth.add(keys);
    expect(mouth.at(120)?.viseme).toBe('PP');
    expect(mouth.at(151)?.viseme).toBe('O');
  });

  it('lets later keys replace those from their first on', () => {
    const mouth = new MouthTimeline();
    mouth.add(keys);
    mouth.add([{ at: 60, viseme: 'I', weight: 1 }]);
    expect(mouth.at(500)?.viseme).toBe('I');
    expect(mouth.at(10)?.viseme).toBe('aa');
  });

  it('opens by loudness where no keys have come, and is shut in silence', () => {
    const envelope = new Envelope(24_000);
    envelope.add(0, new Int16Array(480).fill(8000));
    expect(envelope.at(10).viseme).toBe('aa');
    expect(envelope.at(30).viseme).toBe('sil');
  });

  it('leads by half a frame and follows the offset', () => {
    expect(mouthMs(1000, 16, 0)).toBe(1008);
    expect(mouthMs(1000, 16, 100)).toBe(908);
  });
});

describe('the clock', () => {
  it('knows what is heard now, not what is computed for later', () => {
    const clock = new Clock(24_000);
    clock.add({ kind: 'play', clip: 1, at: 10, sample: 0 });
    clock.add({ kind: 'end', clip: 1, at: 12, sample: 48_000 });
    expect(clock.heard(9)).toBeNull();
    expect(clock.heard(10.5)).toEqual({ clip: 1, ms: 500, playing: true });
    expect(clock.heard(12.1)).toBeNull();
  });
});

describe('the wire', () => {
  it('reads the four numbers and the samples of a frame', () => {
    const data = new ArrayBuffer(20);
    const view = new DataView(data);
    [7, 2, 3, 4800].forEach((value, index) => view.setUint32(index * 4, value, true));
    view.setInt16(16, -5, true);
    const frame = decodeFrame(data);
    expect(frame).toMatchObject({ fence: 7, utt: 2, seq: 3, offset: 4800 });
    expect(Array.from((frame && pcmOf(frame.body)) ?? [])).toEqual([-5, 0]);
  });

  it.each(['', 'nonsense', '[]', '{"t":"unknown"}'])('drops what is no message: %s', (text) => {
    expect(decodeMessage(text)).toBeNull();
  });

  it('drops a frame that is cut short', () => {
    expect(decodeFrame(new ArrayBuffer(10))).toBeNull();
    expect(pcmOf(new Uint8Array(3))).toBeNull();
  });
});
