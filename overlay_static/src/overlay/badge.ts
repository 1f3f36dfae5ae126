import type { Badge } from './protocol';

/** Says to the viewers that she is an AI. Its look may be overridden by OBS's own CSS, as that of the captions. */
export class AiBadge {
  private readonly element: HTMLElement;

  constructor(parent: HTMLElement) {
    this.element = document.createElement('div');
    this.element.className = 'ai-badge';
    this.element.hidden = true;
    parent.append(this.element);
  }

  set({ place, text }: Badge): void {
    this.element.textContent = text;
    this.element.dataset.place = place;
    this.element.hidden = place === 'off';
  }
}
