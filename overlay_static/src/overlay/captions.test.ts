import { describe, expect, it } from 'vitest';
import { captionStyle, PLAIN, variables } from './caption_style';
import { linesFor, pagesOf, pieces, steady, untimed, wordAt } from './caption_text';
import { decodeMessage } from './protocol';
import { Sentences } from './sentences';

const words = [
  { begin: 0, at: 100 },
  { begin: 6, at: 400 },
  { begin: 13, at: 900 },
];

describe('the word that is heard', () => {
  it('begins with its own time and holds until the next', () => {
    expect([0, 100, 399, 400, 5000].map((ms) => wordAt(words, ms))).toEqual([-1, 0, 0, 1, 2]);
    expect(wordAt([], 10)).toBe(-1);
  });

  it('does not jump back by one for a correction, but does for a real one', () => {
    expect(steady(3, 2)).toBe(3);
    expect(steady(3, 1)).toBe(1);
    expect(steady(3, 4)).toBe(4);
  });

  it('is cut out of the text with what follows it, and nothing is lost', () => {
    expect(pieces('“Good morning, cats”', [{ begin: 1, at: 0 }, { begin: 6, at: 1 }])).toEqual(['“Good ', 'morning, cats”']);
    expect(pieces('one two', [])).toEqual(['one two']);
    const text = 'Hello 🦊 fox!';
    expect(pieces(text, untimed(text)).join('')).toBe(text);
  });
});

describe('long sentences', () => {
  it('stand on one page where they fit', () => {
    expect(pagesOf([0, 0, 1, 1], 2)).toEqual([[0, 3], [0, 3], [0, 3], [0, 3]]);
  });

  it('are cut into pages of about the same height', () => {
    expect(pagesOf([0, 0, 1, 2, 3, 3], 3)).toEqual([[0, 2], [0, 2], [0, 2], [3, 5], [3, 5], [3, 5]]);
    expect(pagesOf([0, 1, 2], 2)).toEqual([[0, 1], [0, 1], [2, 2]]);
    expect(pagesOf([], 2)).toEqual([]);
  });

  it('never take more lines than fit, nor more than three', () => {
    expect(linesFor(300, 50)).toBe(3);
    expect(linesFor(300, 80)).toBe(2);
    expect(linesFor(100, 90)).toBe(1);
    expect(linesFor(1080, 50)).toBe(3);
  });
});

describe('the style', () => {
  it('takes its default where nothing or nonsense is told', () => {
    expect(captionStyle({})).toEqual(PLAIN);
    expect(captionStyle({ font: 'toString', color: 'red;}*{', size: 3, words: 'off' })).toEqual({ ...PLAIN, words: 'off' });
  });

  it('becomes variables', () => {
    const chosen = variables({ ...PLAIN, background: 'soft', outline: '#102030', size: 'huge' });
    expect(chosen['--aigirl-caption-background']).toBe('rgb(16 32 48 / 62%)');
    expect(Number(chosen['--aigirl-caption-scale'])).toBeGreaterThan(1.5);
    expect(chosen['--aigirl-caption-outline']).toBe('#102030');
  });
});

describe('the words message', () => {
  const message = (v: unknown): unknown => decodeMessage(JSON.stringify({ t: 'words', fence: 1, utt: 2, at: 500, v }));

  it('carries beginnings and times that rise', () => {
    expect(message([[0, 500], [6, 700.5]])).toEqual({
      t: 'words', fence: 1, utt: 2, at: 500, words: [{ begin: 0, at: 500 }, { begin: 6, at: 700.5 }],
    });
  });

  it('leaves out what is no word time', () => {
    const body = message([[0, 1], 'x', [5], [4.5, 2], [3, null], [2, 0], [1, 9], [1, 10], [-1, 11]]) as { words: unknown };
    expect(body.words).toEqual([{ begin: 0, at: 1 }, { begin: 1, at: 9 }]);
    expect((message('none') as { words: unknown }).words).toEqual([]);
    const many = Array.from({ length: 1000 }, (_, index) => [index, index]);
    expect((message(many) as { words: unknown[] }).words).toHaveLength(400);
  });

  it('needs a fence like all speech', () => {
    expect(decodeMessage('{"t":"words","utt":1,"at":0,"v":[]}')).toBeNull();
  });
});

describe('the sentences of an utterance', () => {
  it('take better times for their words and keep them when they are told again', () => {
    const sentences = new Sentences();
    sentences.add({ at: 0, text: 'One two.', mood: null });
    sentences.time(0, [{ begin: 0, at: 0 }, { begin: 4, at: 300 }]);
    sentences.time(0, [{ begin: 0, at: 0 }, { begin: 4, at: 350 }, { begin: 99, at: 400 }]);
    sentences.add({ at: 0, text: 'One two.', mood: null });
    expect(sentences.at(10)?.words).toEqual([{ begin: 0, at: 0 }, { begin: 4, at: 350 }]);
    sentences.time(777, [{ begin: 0, at: 0 }]);
    expect(sentences.at(800)?.at).toBe(0);
  });
});
