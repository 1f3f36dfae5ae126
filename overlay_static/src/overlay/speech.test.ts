import { beforeEach, describe, expect, it } from 'vitest';
import { Pace } from './pace';
import { Stand } from './speech_stand';

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
    expect(stand.missing).toEqual([[1, null]]);
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

describe('what was lost on the way', () => {
  it('is asked for though nothing follows: the last frames, and with them the end', () => {
    stand.begin(1);
    for (let seq = 0; seq < 5; seq++) stand.frame(1, seq);
    stand.sent(1, 8);
    expect(stand.missing).toEqual([]);
    stand.laterComes();
    expect(stand.missing).toEqual([[1, 5]]);
    for (let seq = 5; seq < 8; seq++) stand.frame(1, seq);
    stand.sent(1, 8, true);
    stand.laterComes();
    expect(stand.missing).toHaveLength(1);
    expect(stand.orders.at(-1)).toEqual({ do: 'end', clip: 1, total: 7680 });
  });

  it('is asked for again when it is lost once more', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.frame(1, 4);
    expect(stand.missing).toEqual([[1, 1]]);
    stand.sent(1, 5);
    stand.laterComes();
    expect(stand.missing).toEqual([[1, 1], [1, 1]]);
  });

  it('is not asked for while it is only on its way', () => {
    stand.begin(1);
    stand.sent(1, 2);
    stand.frame(1, 0);
    stand.frame(1, 1);
    stand.laterComes();
    expect(stand.missing).toEqual([]);
  });

  it('may be all of it, even its announcement', () => {
    stand.sent(1, 8);
    stand.laterComes();
    expect(stand.missing).toEqual([[1, null]]);
    stand.sent(2, 8, true);
    stand.laterComes();
    expect(stand.missing).toEqual([[1, null], [2, null]]);
  });

  it('may be the word that it is over: a sound that stopped asks', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.plays(40, 'pause');
    stand.laterComes();
    expect(stand.missing).toEqual([]);
    stand.laterComes();
    expect(stand.missing).toEqual([[1, 1]]);
  });

  it('is nothing where sound still comes, however slowly', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.plays(40, 'pause');
    stand.laterComes();
    stand.frame(1, 1);
    stand.laterComes();
    expect(stand.missing).toEqual([]);
  });

  it('is of no interest once it is over here', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.speech.interrupt(null);
    stand.speech.happened(stand.lane, [{ kind: 'cut', clip: 1, at: 0, sample: 0 }]);
    stand.sent(1, 9);
    stand.laterComes();
    expect(stand.missing).toEqual([]);
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

  it('is not asked for what the run before has sent, under a number that means another utterance now', () => {
    stand.begin(1);
    stand.frame(1, 0);
    stand.sent(1, 8);
    stand.sent(2, 8);
    stand.frame(3, 0);
    stand.speech.admits(2);
    stand.laterComes();
    expect(stand.missing).toEqual([]);
    stand.sent(1, 8, false, 2);
    stand.laterComes();
    expect(stand.missing).toEqual([[1, null]]);
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
    expect(stand.missing).toEqual([[1, null]]);
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
