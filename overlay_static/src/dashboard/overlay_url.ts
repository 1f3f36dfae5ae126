import { post, Refusal } from './api';
import { copyButton } from './copy';

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
  copyButton(once);

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
}
