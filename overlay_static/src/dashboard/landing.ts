import type { Avatar } from '../avatars/avatar';
import type { Mood, Viseme } from '../overlay/protocol';

/** Mouths of an easy chatter, about as quick as speech. */
const CHATTER: readonly Viseme[] = ['aa', 'nn', 'E', 'SS', 'O', 'PP', 'I', 'DD', 'U', 'RR', 'E', 'kk', 'aa', 'FF'];
const VISEME_MS = 95;
const TALK_MS = 2600;
const REST_MS = 3400;
const FRAME_MS = 33;
const SETTLE_MS = 3000;
const MOODS: readonly Mood[] = ['happy', 'smug', 'surprised'];

/** The character of the landing page: says one line after the other, without sound. */
export function landingPage(): void {
  const place = document.querySelector<HTMLElement>('[data-avatar]');
  const caption = document.querySelector<HTMLElement>('[data-captions]');
  if (!place || !caption) return;
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  void import('../avatars/svg/svg_avatar').then(({ svgAvatar }) => act(svgAvatar(place), caption, still));
}

function act(avatar: Avatar, caption: HTMLElement, still: boolean): void {
  const lines = (caption.dataset.captions ?? '').split('|');
  avatar.setState('idle');
  avatar.setMood('happy', 0);
  let shown = -1;
  const begun = performance.now();
  let before: number | null = null;
  // She begins at rest: what swings and eases has settled before anybody sees her.
  for (let ago = SETTLE_MS; ago >= 0; ago -= FRAME_MS) avatar.frame(begun - ago, FRAME_MS);
  if (still) return;

  const draw = (now: number): void => {
    const at = Math.max(0, now - begun);
    const turn = Math.floor(at / (TALK_MS + REST_MS));
    const within = at % (TALK_MS + REST_MS);
    if (turn !== shown) {
      shown = turn;
      caption.textContent = lines[turn % lines.length] ?? '';
      avatar.setMood(MOODS[turn % MOODS.length] ?? 'happy', 300);
      avatar.setState('talking');
    }
    const talking = within < TALK_MS;
    if (!talking) avatar.setState('idle');
    avatar.setMouth(talking ? CHATTER[Math.floor(at / VISEME_MS) % CHATTER.length] ?? 'aa' : 'sil', talking ? 0.85 : 1);
    // The first picture may carry a time before `begun`: a busy browser counts from the picture it missed.
    avatar.frame(now, before === null ? 0 : Math.min(now - before, 50));
    before = now;
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
}
