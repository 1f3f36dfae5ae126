/** Which sentence is spoken at a position. Pure. */

import type { Mood } from './protocol';

export interface Spoken {
  /** ms from the utterance's first sample. */
  readonly at: number;
  readonly text: string;
  readonly mood: Mood | null;
}

export class Sentences {
  private readonly list: Spoken[] = [];

  add(sentence: Spoken): void {
    const same = this.list.findIndex((one) => one.at === sentence.at);
    if (same >= 0) this.list[same] = sentence;
    else this.list.push(sentence);
    this.list.sort((a, b) => a.at - b.at);
  }

  /** The sentence heard at `ms`; null before the first. */
  at(ms: number): Spoken | null {
    let current: Spoken | null = null;
    for (const sentence of this.list) if (sentence.at <= ms) current = sentence;
    return current;
  }
}
