import type { Look } from '../look';
import { Figure } from './figure';
import { FACES } from './moods';
import { weighted } from './mouths';
import { POSES } from './poses';

/** Parts of the picture that show one thing large, as viewBox. */
const FRAMES = { face: '232 262 336 366', hair: '-14 16 828 828', fringe: '200 90 400 400', outfit: '208 556 384 384' } as const;

/** A still of her, awake and calm, as an editor shows it. */
export function portrait(look: Look, frame: keyof typeof FRAMES): SVGSVGElement {
  const figure = new Figure(look);
  figure.draw({
    tMs: 0,
    face: FACES.neutral,
    pose: POSES.idle,
    mouth: weighted('sil', 1),
    move: { nod: 0, tilt: 0, turn: 0, sink: 0, lean: 0, hand: 0, swing: 0 },
    blink: 0, gazeX: 0, gazeY: 0, turn: 0, tilt: 0, nod: 0, lag: 0, drop: 0, breath: 0, sway: 0, windA: 0, windB: 0,
  });
  figure.svg.setAttribute('viewBox', FRAMES[frame]);
  return figure.svg;
}
