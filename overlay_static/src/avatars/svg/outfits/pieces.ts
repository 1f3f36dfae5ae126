/** What every outfit consists of, and the body it is worn on. */

import { group, line, path, shape } from '../dom';

export const CLOTH = 'var(--outfit-line)';
export const SKIN_LINE = 'var(--skin-line)';

export interface Outfit {
  /** Behind her neck: a hood, the far side of a collar. */
  readonly behind: SVGGElement;
  readonly torso: SVGGElement;
  /** What dangles at her chest. */
  readonly dangling: SVGGElement;
  /** Sleeve of the arm she waves with, drawn for a forearm that stands upright around (0, 0) at the wrist. */
  readonly sleeve: SVGGElement;
}

/** Relaxed shoulders and arms, from the neck to below the picture. */
export const SHOULDERS =
  'M400 652 L440 646 C452 664 478 678 514 690 C566 706 606 726 626 774 C642 818 648 866 652 944 L148 944' +
  ' C152 866 158 818 174 774 C194 726 234 706 286 690 C322 678 348 664 360 646Z';

/** Neck, its shadow, collarbones, the top of the chest. */
export function neck(): SVGGElement {
  return group(
    shape('M362 560 L362 634 C352 654 332 666 306 676 L400 780 L494 676 C468 666 448 654 438 634 L438 560Z', 'url(#skin-neck)', SKIN_LINE, 2.8),
    path('M362 574 C376 606 424 606 438 574 L438 614 C420 642 380 642 362 614Z', { fill: 'var(--skin-shade)', opacity: 0.75 }),
    line('M340 674 C358 672 374 678 386 690 M460 674 C442 672 426 678 414 690', SKIN_LINE, 2.4, 0.6),
  );
}

/** Where arm and side meet, and the folds that make cloth of a flat shape. */
export function folds(): SVGGElement {
  return group(
    path('M626 774 C642 818 648 866 652 944 L600 944 C602 860 596 812 578 776 C594 764 614 762 626 774Z', { fill: 'var(--outfit-shade)', opacity: 0.42 }),
    line('M566 792 C576 828 580 870 580 944', CLOTH, 3, 0.75),
    line('M234 792 C224 828 220 870 220 944', CLOTH, 3, 0.75),
    line('M572 812 C558 826 546 832 530 834 M576 846 C566 856 556 860 544 862', CLOTH, 2.4, 0.35),
    line('M228 812 C242 826 254 832 270 834', CLOTH, 2.4, 0.35),
  );
}

/** A plain sleeve for the waving arm: `fill` of the cloth, `cuff` of its end. */
export function sleeve(fill: string, cuff: string, cuffLine = CLOTH): SVGGElement {
  return group(
    shape('M-30 22 C-36 90 -46 170 -62 330 L62 330 C50 170 40 90 32 22Z', fill, CLOTH, 3.4),
    path('M14 30 C20 100 28 180 36 330 L62 330 C50 170 40 90 32 22Z', { fill: 'var(--outfit-shade)', opacity: 0.5 }),
    line('M-18 76 C-6 84 6 84 16 78 M-22 112 C-10 118 0 118 10 114', CLOTH, 2.4, 0.35),
    shape('M-36 12 C-14 24 16 24 38 12 L40 44 C16 56 -16 56 -40 44Z', cuff, cuffLine, 3.2),
  );
}

/** A tied bow at her collar. */
export function chestBow(): SVGGElement {
  const accent = 'var(--accent-line)';
  const half = (): readonly SVGElement[] => [
    shape('M400 738 C420 744 436 774 442 816 L424 806 L408 822 C412 790 408 764 396 744Z', 'var(--accent-shade)', accent, 3),
    shape('M402 734 C424 706 458 698 474 712 C480 732 472 760 454 772 C434 770 414 754 402 734Z', 'url(#accent-bow)', accent),
    path('M464 726 C444 724 422 730 408 738 C426 740 440 748 450 760 C460 748 464 736 464 726Z', { fill: 'var(--accent-shade)', opacity: 0.6 }),
  ];
  const left = group(...half());
  left.setAttribute('transform', 'matrix(-1 0 0 1 800 0)');
  return group(
    left,
    ...half(),
    shape('M385 724 C394 717 406 717 415 724 C419 732 419 743 415 751 C406 757 394 757 385 751 C381 743 381 732 385 724Z', 'var(--accent-light)', accent, 3),
    line('M391 730 C389 736 389 741 391 746', '#fff', 2.6, 0.6),
  );
}
