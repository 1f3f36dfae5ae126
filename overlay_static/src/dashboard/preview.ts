/** Sends to the preview frame; the look also again after each time the frame loads. */
export function previewer(
  frame: HTMLIFrameElement | null,
  look: () => Readonly<Record<string, unknown>>,
): (message: Readonly<Record<string, unknown>>) => void {
  const send = (message: Readonly<Record<string, unknown>>): void =>
    frame?.contentWindow?.postMessage({ type: 'aigirl-preview', ...message }, location.origin);
  frame?.addEventListener('load', () => send(look()));
  return send;
}
