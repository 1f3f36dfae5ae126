/** Asks for the click that browsers want before a page may sound. OBS never needs it and never sees it. */
export class SoundButton {
  private readonly button: HTMLButtonElement;

  constructor(parent: HTMLElement, label: string, onClick: () => void) {
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.className = 'sound-button';
    this.button.hidden = true;
    this.button.textContent = `🔊 ${label}`;
    this.button.addEventListener('click', onClick);
    parent.append(this.button);
  }

  show(wanted: boolean): void {
    this.button.hidden = !wanted;
  }
}
