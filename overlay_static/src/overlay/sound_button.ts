const LABELS: Record<string, string> = { en: 'Click for sound', ru: 'Включить звук' };

/** Asks for the click that browsers want before a page may sound. OBS never needs it and never sees it. */
export class SoundButton {
  private readonly button: HTMLButtonElement;

  constructor(parent: HTMLElement, onClick: () => void) {
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.className = 'sound-button';
    this.button.hidden = true;
    const language = navigator.language.slice(0, 2);
    this.button.textContent = `🔊 ${LABELS[language] ?? LABELS.en}`;
    this.button.addEventListener('click', onClick);
    parent.append(this.button);
  }

  show(wanted: boolean): void {
    this.button.hidden = !wanted;
  }
}
