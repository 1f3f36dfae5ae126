import { GESTURES, type AvatarSpec, type Gesture } from '../avatars/avatar';
import { captionStyle, type CaptionStyle } from './caption_style';
import { avatarSpec, isRecord, moodNamed, number, oneOf, VISEMES, type Mood, type Viseme } from './protocol';

/** What the persona form shows live before it is saved. */
export interface PreviewChange {
  readonly mood?: Mood;
  readonly avatar?: AvatarSpec;
  readonly mouth?: { readonly viseme: Viseme; readonly weight: number };
  readonly gesture?: Gesture;
  readonly name?: string;
  readonly captions?: CaptionStyle;
  /** A sentence to show the captions with. */
  readonly caption?: string;
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
  const avatar = avatarSpec(body.avatar);
  const viseme = oneOf(VISEMES, body.mouth);
  const captions = isRecord(body.captions) ? captionStyle(body.captions) : null;
  const gesture = oneOf(GESTURES, body.gesture);
  return {
    ...(mood && { mood }),
    ...(avatar && { avatar }),
    ...(viseme && { mouth: { viseme, weight: number(body.weight) ?? 1 } }),
    ...(gesture && { gesture }),
    ...(typeof body.name === 'string' && { name: body.name }),
    ...(captions && { captions }),
    ...(typeof body.caption === 'string' && { caption: body.caption }),
  };
}
