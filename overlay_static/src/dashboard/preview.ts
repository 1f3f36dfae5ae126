/** Look of the character as the form has it now. */
export interface Look {
  readonly name: string;
  readonly mood: string;
  readonly palette: Readonly<Record<string, string>>;
}

/** Shows a look in the preview frame before it is saved; again after each time the frame loads. */
export function previewer(frame: HTMLIFrameElement | null, look: () => Look): () => void {
  const show = (): void => frame?.contentWindow?.postMessage({ type: 'aigirl-preview', ...look() }, location.origin);
  frame?.addEventListener('load', show);
  return show;
}
