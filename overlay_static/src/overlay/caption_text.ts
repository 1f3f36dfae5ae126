/** Captions as words and pages: which word is heard, what lights up with it, what is shown at once. Pure. */

import type { WordTime } from './protocol';

/** The text cut at the words' beginnings; the first piece holds what stands before the first word too. */
export function pieces(text: string, words: readonly WordTime[]): string[] {
  const cuts = [0, ...words.slice(1).map((word) => word.begin), text.length];
  return cuts.slice(1).map((end, index) => text.slice(cuts[index], end));
}

/** Words of a text whose times are not known. */
export function untimed(text: string): WordTime[] {
  return Array.from(text.matchAll(/\S+/g), (found) => ({ begin: found.index ?? 0, at: Infinity }));
}

/** The word that is heard at `ms`, -1 before the first. */
export function wordAt(words: readonly WordTime[], ms: number): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((words[middle] as WordTime).at <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A correction by one word back is waited out: a light that jumps back and forth reads worse than one that is late. */
export function steady(before: number, now: number): number {
  return now === before - 1 ? before : now;
}

/**
 * First and last word of the page on which each word stands. `lines` is the line of each word with all of them laid out;
 * no page has more than `most`, and all have about the same number, so that no single word is left for the last.
 */
export function pagesOf(lines: readonly number[], most: number): [number, number][] {
  const total = (lines[lines.length - 1] ?? 0) + 1;
  const perPage = Math.ceil(total / Math.ceil(total / Math.max(1, most)));
  const page = (line: number): number => Math.floor(line / perPage);
  return lines.map((line) => {
    const first = lines.findIndex((other) => page(other) === page(line));
    const after = lines.findIndex((other) => page(other) > page(line));
    return [first, after < 0 ? lines.length - 1 : after - 1];
  });
}

/** How many lines fit: two or three, and no more than half of a low page. */
export function linesFor(pageHeight: number, lineHeight: number): number {
  const room = Math.floor((pageHeight * 0.55) / Math.max(1, lineHeight));
  return Math.min(3, Math.max(1, room));
}
