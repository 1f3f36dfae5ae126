/** A stage for pictures of her: contact sheets, pixel tests and measurements drive it. No page of the product loads it. */

import { VISEMES, type Mood, type State, type Viseme } from '../overlay/protocol';
import type { AvatarSpec, Gesture } from './avatar';
import { AvatarHost } from './host';

const STEP_MS = 20;
const SETTLE_MS = 2_400;

interface Still {
  readonly spec: AvatarSpec;
  readonly mood?: Mood;
  readonly state?: State;
  readonly mouth?: Viseme;
  readonly gesture?: Gesture;
  /** ms into the gesture. */
  readonly after?: number;
}

interface Measured {
  readonly fps: number;
  /** JavaScript of one picture, ms. */
  readonly p50: number;
  readonly p95: number;
}

function staged(spec: AvatarSpec, state: State): AvatarHost {
  document.body.replaceChildren();
  const avatar = new AvatarHost(document.body);
  avatar.setLook(spec);
  avatar.setState(state);
  return avatar;
}

/** One picture, always the same for the same wishes: time is counted, not waited for. */
async function still({ spec, mood = 'neutral', state = 'idle', mouth = 'sil', gesture, after = 700 }: Still): Promise<void> {
  const random = Math.random;
  Math.random = () => 0.5;
  const avatar = staged(spec, state);
  Math.random = random;
  avatar.setMood(mood, 0);
  avatar.setMouth(mouth, 1);
  await Promise.all(Array.from(document.images, (image) => image.decode()));
  let now = 0;
  const until = (end: number): void => {
    for (; now < end; now += STEP_MS) avatar.frame(now, STEP_MS);
  };
  until(SETTLE_MS);
  if (gesture) {
    avatar.gesture(gesture);
    until(SETTLE_MS + after);
  }
}

/** How many of 120 frames, two seconds, bring another picture while she idles or talks. Time is counted, not waited for. */
function drawn(spec: AvatarSpec, state: 'idle' | 'talking'): number {
  const random = Math.random;
  Math.random = () => 0.5;
  const avatar = staged(spec, state);
  Math.random = random;
  let now = 0;
  const next = (): string => {
    now += 1000 / 60;
    avatar.frame(now, 1000 / 60);
    return document.body.innerHTML;
  };
  while (now < SETTLE_MS) next();
  let before = next();
  let count = 0;
  for (let i = 0; i < 120; i++) {
    const picture = next();
    if (picture !== before) count += 1;
    before = picture;
  }
  return count;
}

/** How fast she is drawn while she idles, or chatters with ten mouths a second. */
function measure(spec: AvatarSpec, ms: number, state: 'idle' | 'talking'): Promise<Measured> {
  const avatar = staged(spec, state);
  const costs: number[] = [];
  return new Promise((resolve) => {
    let begun = 0;
    let before = 0;
    const frame = (now: number): void => {
      begun ||= now;
      const start = performance.now();
      if (state === 'talking') avatar.setMouth(VISEMES[Math.floor(now / 100) % VISEMES.length] ?? 'sil', 0.9);
      avatar.frame(now, Math.min(100, now - (before || now - 16)));
      costs.push(performance.now() - start);
      before = now;
      if (now - begun < ms) {
        requestAnimationFrame(frame);
        return;
      }
      costs.sort((a, b) => a - b);
      const share = (part: number): number => costs[Math.floor(costs.length * part)] ?? 0;
      resolve({ fps: ((costs.length - 1) * 1000) / (now - begun), p50: share(0.5), p95: share(0.95) });
    };
    requestAnimationFrame(frame);
  });
}

declare global {
  interface Window {
    aigirlSheet: { still(wish: Still): Promise<void>; measure: typeof measure; drawn: typeof drawn };
  }
}
window.aigirlSheet = { still, measure, drawn };
