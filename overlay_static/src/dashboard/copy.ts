const COPIED_MS = 2000;

/** An address that is shown once: selected when it is entered, copied by the button beside it. */
export function copyButton(ground: HTMLElement): void {
  const url = ground.querySelector<HTMLInputElement>('[data-url]');
  const copy = ground.querySelector<HTMLButtonElement>('[data-copy]');
  if (!url || !copy) return;
  copy.addEventListener('click', () => void toClipboard(url, copy));
  url.addEventListener('focus', () => url.select());
}

async function toClipboard(url: HTMLInputElement, copy: HTMLButtonElement): Promise<void> {
  url.select();
  // Pages on a plain http address of the local network have no clipboard; there the selection is ready for Ctrl-C.
  if (!navigator.clipboard) return;
  try {
    await navigator.clipboard.writeText(url.value);
  } catch {
    return;
  }
  const label = copy.textContent;
  copy.textContent = copy.dataset.done ?? label;
  window.setTimeout(() => (copy.textContent = label), COPIED_MS);
}
