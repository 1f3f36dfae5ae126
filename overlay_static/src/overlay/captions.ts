import { PLAIN, StyleSheet, type CaptionStyle } from './caption_style';
import { linesFor, pagesOf, pieces, steady, untimed, wordAt } from './caption_text';
import type { WordTime } from './protocol';
import type { Spoken } from './sentences';

/** How long the last words stay after they were said. */
const STAY_MS = 1_400;

/**
 * The words she says, while she says them. The page is measured once a sentence; after that a word's turn changes the
 * classes of two words, and nothing is laid out in between.
 */
export class Captions {
  private readonly sheet = new StyleSheet();
  private readonly box: HTMLElement;
  private readonly text: HTMLElement;
  private style: CaptionStyle = PLAIN;
  private shown: Spoken | null = null;
  private words: readonly WordTime[] = [];
  private spans: HTMLElement[] = [];
  private pages: [number, number][] = [];
  private page = -1;
  private word = -1;
  private quietSince: number | null = null;

  constructor(parent: HTMLElement) {
    this.box = document.createElement('div');
    this.box.className = 'captions';
    this.text = document.createElement('span');
    this.box.append(this.text);
    parent.append(this.box);
    this.setStyle(PLAIN);
  }

  setStyle(style: CaptionStyle): void {
    this.style = style;
    this.sheet.write(style);
    this.box.dataset.words = style.words;
    this.box.dataset.position = style.position;
    if (style.words === 'off') this.hide();
    else this.resize();
  }

  /** `spoken` is the sentence heard now, null while nothing is said; `ms` the place in the utterance to show. */
  show(spoken: Spoken | null, ms: number, now: number): void {
    if (spoken && this.style.words !== 'off') {
      const goesOn = this.quietSince === null;
      this.quietSince = null;
      if (spoken !== this.shown) this.begin(spoken, goesOn);
      this.turnTo(steady(this.word, wordAt(this.words, ms)));
      return;
    }
    this.quietSince ??= now;
    if (this.shown && now - this.quietSince > STAY_MS) this.hide();
  }

  /** Away at once: what was interrupted shall not stand there. */
  hide(): void {
    this.shown = null;
    this.box.classList.remove('is-shown');
  }

  /** The page or the letters have another size: the same sentence, laid out anew. */
  resize(): void {
    if (this.shown) this.layOut();
  }

  /** `goesOn`: there was no pause, so the same words at the same place are the same sentence, timed anew. */
  private begin(spoken: Spoken, goesOn: boolean): void {
    const before = goesOn ? this.shown : null;
    this.shown = spoken;
    const words = spoken.words.length > 0 ? spoken.words : untimed(spoken.text);
    const same = before && before.at === spoken.at && before.text === spoken.text && sameCuts(words, this.words);
    this.words = words;
    if (same) return;
    this.word = -1;
    this.spans = pieces(spoken.text, words).map((piece) => {
      const span = document.createElement('span');
      span.textContent = piece;
      return span;
    });
    this.text.replaceChildren(...this.spans);
    this.layOut();
    this.box.classList.add('is-shown');
  }

  /** Finds the lines of the whole sentence, cuts them into pages, and shows the page of the present word. */
  private layOut(): void {
    for (const span of this.spans) span.hidden = false;
    const height = Number.parseFloat(getComputedStyle(this.text).lineHeight) || 1;
    const tops = this.spans.map((span) => span.offsetTop);
    const lines = tops.map((top) => Math.max(0, Math.round((top - (tops[0] as number)) / height)));
    this.pages = pagesOf(lines, linesFor(innerHeight, height));
    this.page = -1;
    const word = this.word;
    this.word = -1;
    this.turnTo(word, true);
  }

  private turnTo(word: number, anew = false): void {
    if (word === this.word && !anew) return;
    this.word = word;
    const [first, last] = this.pages[Math.max(0, word)] ?? [0, this.spans.length - 1];
    const turned = first !== this.page;
    this.page = first;
    this.spans.forEach((span, index) => {
      if (turned) span.hidden = index < first || index > last;
      const said = index < word ? 'was' : index === word ? 'now' : 'yet';
      if (span.className !== said) span.className = said;
    });
  }
}

function sameCuts(one: readonly WordTime[], other: readonly WordTime[]): boolean {
  return one.length === other.length && one.every((word, index) => word.begin === other[index]?.begin);
}
