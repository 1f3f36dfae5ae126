import { moodNamed, palette, type Mood, type Palette } from './protocol';

/** What the persona form shows live before it is saved. */
export interface PreviewChange {
  readonly mood?: Mood;
  readonly palette?: Palette;
  readonly name?: string;
  readonly captions?: boolean;
}

/** Listens to our own pages only. */
export function onPreviewChange(apply: (change: PreviewChange) => void): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.origin !== location.origin) return;
    const change = previewChange(event.data);
    if (change) apply(change);
  });
}

export function previewChange(data: unknown): PreviewChange | null {
  if (typeof data !== 'object' || data === null) return null;
  const body = data as Record<string, unknown>;
  if (body.type !== 'aigirl-preview') return null;
  const mood = moodNamed(body.mood);
  return {
    ...(mood && { mood }),
    ...(body.palette !== undefined && { palette: palette(body.palette) }),
    ...(typeof body.name === 'string' && { name: body.name }),
    ...(typeof body.captions === 'boolean' && { captions: body.captions }),
  };
}
