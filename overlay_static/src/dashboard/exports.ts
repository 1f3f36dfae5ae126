import { swapParts } from './live';

const LOOK_AGAIN_MS = 2000;

/** While an export is being made, its progress is looked up, and its link appears without loading the page anew. */
export function exportProgress(): void {
  const ground = document.querySelector<HTMLElement>('[data-exports]');
  const address = ground?.dataset.exports;
  if (!ground || !address) return;
  const seen = new Map<string, string>();
  const look = async (): Promise<void> => {
    if (!ground.querySelector('[data-making]')) return;
    try {
      const answer = document.hidden ? null : await fetch(address, { credentials: 'same-origin' });
      if (answer?.ok) swapParts(ground, new DOMParser().parseFromString(await answer.text(), 'text/html'), seen);
    } catch {
      // The network is away; the next look may find it again.
    }
    window.setTimeout(() => void look(), LOOK_AGAIN_MS);
  };
  window.setTimeout(() => void look(), LOOK_AGAIN_MS);
}
