/** Which gesture goes with a sentence. Pure. */

import type { Mood } from '../overlay/protocol';
import type { Gesture } from './avatar';

const GREETING = /(^|[^\p{L}])(hi|hey|hello|welcome|bye|goodbye|see you|привет\p{L}*|здравствуй\p{L}*|добро пожаловать|пока|до встречи)(?![\p{L}])/iu;
const REFUSAL = /^[^\p{L}]*(no|nope|never|nah|нет|неа|ни за что|никогда)(?![\p{L}])/iu;
const PLAIN: readonly Gesture[] = ['nod', 'tilt', 'nod', 'sway', 'lean'];

/** The gesture for a sentence as it begins. `count` is how many came before: plain sentences take turns. */
export function gestureFor(text: string, mood: Mood | null, count: number): Gesture {
  if (GREETING.test(text)) return 'wave';
  if (REFUSAL.test(text)) return 'shake';
  if (/\?\s*$/u.test(text)) return 'tilt';
  if (mood === 'angry') return 'lean';
  if (/!\s*$/u.test(text) || mood === 'surprised') return 'hop';
  if (mood === 'happy' || mood === 'smug') return 'sway';
  return PLAIN[count % PLAIN.length] ?? 'nod';
}
