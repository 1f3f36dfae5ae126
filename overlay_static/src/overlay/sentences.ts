/** Which sentence is spoken at a position. Pure. */

import type { Mood, WordTime } from './protocol';

export interface Spoken {
  /** ms from the utterance's first sample. */
  readonly at: number;
  readonly text: string;
  readonly mood: Mood | null;
  /** Its words, as far as their times are known. */
  readonly words: readonly WordTime[];
}

export class Sentences {
  private readonly list: Spoken[] = [];

  /** A sentence that is told again keeps its words. */
  add({ at, text, mood }: Omit<Spoken, 'words'>): void {
    const same = this.list.findIndex((one) => one.at === at);
    const words = (same >= 0 && this.list[same]?.text === text && this.list[same]?.words) || [];
    if (same >= 0) this.list[same] = { at, text, mood, words };
    else this.list.push({ at, text, mood, words });
    this.list.sort((a, b) => a.at - b.at);
  }

  /** All words of the sentence that begins at `at`, in the place of those known before. */
  time(at: number, words: readonly WordTime[]): void {
    const index = this.list.findIndex((one) => one.at === at);
    const sentence = this.list[index];
    if (sentence) this.list[index] = { ...sentence, words: words.filter((word) => word.begin < sentence.text.length) };
  }

  /** The sentence heard at `ms`; null before the first. */
  at(ms: number): Spoken | null {
    let current: Spoken | null = null;
    for (const sentence of this.list) if (sentence.at <= ms) current = sentence;
    return current;
  }
}
