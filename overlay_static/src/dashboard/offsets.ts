import { post, Refusal } from './api';

/** A slider that rests so long is meant. */
const RESTS_MS = 150;

/** The sliders of the mouth offset: what they show goes to the server while they are moved, one word at a time. */
export class Offsets {
  private timer = 0;
  private sending = false;
  private grabbed = false;
  private waiting: HTMLFormElement | null = null;

  constructor(
    ground: HTMLElement,
    private readonly address: string,
    private readonly settled: () => void,
  ) {
    ground.addEventListener('pointerdown', (event) => {
      this.grabbed = (event.target as HTMLElement).matches('[data-offset] input[type=range]');
    });
    for (const end of ['pointerup', 'pointercancel'] as const) window.addEventListener(end, () => this.letGo());
    ground.addEventListener('input', (event) => this.moved(event.target as HTMLInputElement));
  }

  /** Whether a slider is in somebody's hand, or shows what the server does not know yet. */
  get held(): boolean {
    return this.grabbed || this.waiting !== null || this.sending;
  }

  private letGo(): void {
    if (!this.grabbed) return;
    this.grabbed = false;
    this.settled();
  }

  private moved(slider: HTMLInputElement): void {
    const form = slider.form;
    if (!form?.hasAttribute('data-offset')) return;
    const shown = form.querySelector('output');
    if (shown) shown.textContent = (shown.textContent ?? '').replace(/-?\d+/, slider.value);
    this.waiting = form;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.send(), RESTS_MS);
  }

  private async send(): Promise<void> {
    const form = this.waiting;
    if (!form || this.sending) return;
    this.waiting = null;
    this.sending = true;
    try {
      await post(this.address, new FormData(form));
    } catch (error) {
      // The refresh that follows puts the slider back to what holds.
      if (!(error instanceof Refusal)) throw error;
    } finally {
      this.sending = false;
      if (!this.waiting) this.settled();
    }
    if (this.waiting) await this.send();
  }
}
