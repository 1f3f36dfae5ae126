import { previewer } from './preview';

/** Of the form's fields; the others are none of the preview's business. */
const PREFIX = 'caption-';

/** The caption settings: every change is seen at once in the preview, before it is saved. */
export function captionSettings(): void {
  const form = document.querySelector<HTMLFormElement>('[data-caption-form]');
  if (!form) return;
  const look = (): Record<string, unknown> => {
    const style: Record<string, string> = {};
    for (const [name, value] of new FormData(form)) if (name.startsWith(PREFIX)) style[name.slice(PREFIX.length)] = String(value);
    return { captions: style, caption: form.dataset.sample };
  };
  const show = previewer(form.querySelector<HTMLIFrameElement>('[data-preview]'), look);
  form.addEventListener('input', () => show(look()));
}
