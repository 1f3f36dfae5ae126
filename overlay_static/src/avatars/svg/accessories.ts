/** Things she wears: on the head, in the hair, before the eyes, around the neck. */

import type { AccessoryName } from '../look';
import { group, line, make, mirrored, path, shape } from './dom';
import { cowlick } from './hair/fringes';
import { bow } from './hair/manes';

/** Where a thing belongs between the layers of the head. */
export interface Worn {
  /** Behind the fringe, before the back of her hair. */
  readonly ears: SVGGElement;
  /** Sticks up and sways. */
  readonly cowlick: SVGGElement;
  /** On the fringe. */
  readonly pins: SVGGElement;
  /** Before the eyes, turns with the face. */
  readonly glasses: SVGGElement;
  /** Over everything on the head. */
  readonly top: SVGGElement;
  /** Around the neck. */
  readonly neck: SVGGElement;
}

export function worn(names: readonly AccessoryName[]): Worn {
  const has = (name: AccessoryName, ...things: (() => SVGElement)[]): SVGElement[] => (names.includes(name) ? things.map((thing) => thing()) : []);
  return {
    ears: group(...has('cat_ears', catEar, () => mirrored(catEar()))),
    cowlick: group(...has('cowlick', cowlick)),
    pins: group(...has('star', star), ...has('flower', flower)),
    glasses: group(...has('glasses', glasses)),
    top: group(...has('headphones', headphones), ...has('bows', bow, () => mirrored(bow()))),
    neck: group(...has('choker', choker)),
  };
}

/** On the side away from the parting. */
function star(): SVGGElement {
  return make(
    'g',
    { transform: 'translate(286 268) rotate(-18)' },
    shape('M0 -25 L7.4 -9 L25 -7 L12 5 L15.6 23 L0 14 L-15.6 23 L-12 5 L-25 -7 L-7.4 -9Z', '#ffd978', '#a8691f', 3.2),
    path('M0 -17 L4.6 -6 L16 -5 L6 2 L0 0 L-6 2 L-16 -5 L-4.6 -6Z', { fill: '#fff2c2', opacity: 0.9 }),
  );
}

function flower(): SVGGElement {
  const petal = (turn: number): SVGPathElement => {
    const one = shape('M0 -6 C-20 -16 -22 -40 -8 -46 C-2 -48 0 -44 0 -42 C0 -44 2 -48 8 -46 C22 -40 20 -16 0 -6Z', 'url(#accent-bow)', 'var(--accent-line)', 2.8);
    one.setAttribute('transform', `rotate(${turn})`);
    return one;
  };
  return make(
    'g',
    { transform: 'translate(530 246) rotate(12)' },
    shape('M20 24 C44 22 60 36 64 54 C44 58 24 48 20 24Z', '#7cc98f', '#2f6d49', 2.8),
    ...[0, 72, 144, 216, 288].map(petal),
    make('circle', { r: 12, fill: '#ffe9a3', stroke: '#b98a2f', 'stroke-width': 2.8 }),
    make('circle', { cx: -3, cy: -3, r: 3.4, fill: '#fff', opacity: 0.9 }),
  );
}

function catEar(): SVGGElement {
  return make(
    'g',
    { transform: 'translate(-14 6)' },
    shape('M452 150 C476 96 520 50 566 36 C586 84 590 150 576 216 C548 220 488 190 452 150Z', 'url(#hair-front)', 'var(--hair-line)', 3.4),
    path('M484 148 C502 110 530 80 556 68 C568 104 570 150 564 192 C544 190 506 172 484 148Z', { fill: 'var(--accent-light)', opacity: 0.85 }),
    path('M484 148 C496 138 512 132 526 138 C524 126 530 116 540 110 C540 126 552 150 564 192 C544 190 506 172 484 148Z', { fill: 'var(--hair-light)', opacity: 0.9 }),
  );
}

function glasses(): SVGGElement {
  const rim = 'var(--outfit-line)';
  const lens = (): SVGGElement =>
    group(
      make('rect', { x: 414, y: 370, width: 140, height: 112, rx: 52, fill: 'url(#glass)', opacity: 0.07 }),
      path('M440 388 L468 378 L440 458 C426 444 424 406 440 388Z M482 376 L494 375 L460 470 L450 466Z', { fill: '#fff', opacity: 0.17 }),
      make('rect', { x: 414, y: 370, width: 140, height: 112, rx: 52, fill: 'none', stroke: rim, 'stroke-width': 5.6 }),
      line('M553 410 C560 406 564 405 568 405', rim, 5.4),
    );
  return group(lens(), mirrored(lens()), line('M385 416 C392 406 408 406 415 416', rim, 5.4));
}

function headphones(): SVGGElement {
  const cup = (): SVGGElement =>
    group(
      shape('M552 346 C584 340 604 366 604 408 C604 450 586 476 554 470Z', 'var(--outfit-light)', 'var(--outfit-line)', 3.4),
      shape('M540 352 C552 340 570 344 574 364 C580 394 580 424 574 452 C570 472 552 476 540 464Z', 'var(--outfit)', 'var(--outfit-line)', 3.4),
      make('ellipse', { cx: 589, cy: 408, rx: 7.5, ry: 25, fill: 'var(--accent)', stroke: 'var(--accent-line)', 'stroke-width': 2.4 }),
      line('M588 392 C586 400 586 408 587 414', '#fff', 2.6, 0.75),
    );
  return group(
    path('M226 372 C206 190 300 96 400 96 C500 96 594 190 574 372', { fill: 'none', stroke: 'var(--outfit-line)', 'stroke-width': 31, 'stroke-linecap': 'round' }),
    path('M226 372 C206 190 300 96 400 96 C500 96 594 190 574 372', { fill: 'none', stroke: 'var(--outfit)', 'stroke-width': 24, 'stroke-linecap': 'round' }),
    path('M262 204 C300 134 350 100 400 100 C450 100 500 134 538 204', { fill: 'none', stroke: 'var(--outfit-light)', 'stroke-width': 10, 'stroke-linecap': 'round' }),
    cup(),
    mirrored(cup()),
  );
}

function choker(): SVGGElement {
  return group(
    path('M361 618 C376 640 424 640 439 618 L439 633 C424 655 376 655 361 633Z', { fill: 'var(--outfit-line)' }),
    path('M400 668 C389 659 384 653 387 646 C391 641 398 642 400 648 C402 642 409 641 413 646 C416 653 411 659 400 668Z', {
      fill: 'var(--accent-light)', stroke: 'var(--accent-line)', 'stroke-width': 2.4, 'stroke-linejoin': 'round',
    }),
  );
}
