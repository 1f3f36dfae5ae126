import { previewer } from './preview';

/** The caption settings: every change is seen at once in the preview, before it is saved. */
export function captionSettings(): void {
  const form = document.querySelector<HTMLFormElement>('[data-caption-form]');
  if (!form) return;
  const look = (): Record<string, unknown> => {
    const style: Record<string, string> = {};
    for (const [name, value] of new FormData(form)) style[name.replace('caption-', '')] = String(value);
    return { captions: style, caption: form.dataset.sample };
  };
  const show = previewer(form.querySelector<HTMLIFrameElement>('[data-preview]'), look);
  form.addEventListener('input', () => show(look()));
}
