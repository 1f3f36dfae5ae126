import { post, Refusal } from './api';

const COPIED_MS = 2000;

/** The overlay URL: made without loading the page, shown once, copied by a button. */
export function overlayUrl(ground: HTMLElement, api: string, changed: () => void): void {
  const once = ground.querySelector<HTMLElement>('[data-once]');
  const url = ground.querySelector<HTMLInputElement>('[data-url]');
  const copy = ground.querySelector<HTMLButtonElement>('[data-copy]');
  if (!once || !url || !copy) return;

  ground.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.hasAttribute('data-rotate')) return;
    event.preventDefault();
    void make(form);
  });
  copy.addEventListener('click', () => void toClipboard());
  url.addEventListener('focus', () => url.select());

  async function make(form: HTMLFormElement): Promise<void> {
    try {
      const response = await post(`${api}overlay-url/`, new FormData(form));
      url!.value = ((await response.json()) as { url: string }).url;
      once!.classList.add('shown');
      copy!.focus();
      changed();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      form.submit();
    }
  }

  async function toClipboard(): Promise<void> {
    url!.select();
    // Pages on a plain http address of the local network have no clipboard; there the selection is ready for Ctrl-C.
    if (!navigator.clipboard) return;
    try {
      await navigator.clipboard.writeText(url!.value);
    } catch {
      return;
    }
    const label = copy!.textContent;
    copy!.textContent = copy!.dataset.done ?? label;
    window.setTimeout(() => (copy!.textContent = label), COPIED_MS);
  }
}
