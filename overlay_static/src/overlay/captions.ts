/** How long the last words stay after they were said. */
const STAY_MS = 1_400;

/** The words she says, while she says them. */
export class Captions {
  enabled = true;
  private readonly box: HTMLElement;
  private readonly words: HTMLElement;
  private shown = '';
  private quietSince: number | null = null;

  constructor(parent: HTMLElement) {
    this.box = document.createElement('div');
    this.box.className = 'captions';
    this.words = document.createElement('span');
    this.box.append(this.words);
    parent.append(this.box);
  }

  /** `text` is the sentence heard now, null while nothing is said. */
  show(text: string | null, now: number): void {
    if (text !== null && this.enabled) {
      this.quietSince = null;
      if (text === this.shown) return;
      this.shown = text;
      this.words.textContent = text;
      this.box.classList.toggle('is-long', text.length > 90);
      this.box.classList.add('is-shown');
      return;
    }
    this.quietSince ??= now;
    if (this.shown && (!this.enabled || now - this.quietSince > STAY_MS)) this.hide();
  }

  /** Away at once: what was interrupted shall not stand there. */
  hide(): void {
    this.shown = '';
    this.box.classList.remove('is-shown');
  }
}
