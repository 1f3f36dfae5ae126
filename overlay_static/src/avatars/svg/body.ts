import { group, line, make, mirrored, path, shape } from './dom';

const CLOTH = 'var(--outfit-line)';
const SKIN = '#b5656a';

export interface BodyParts {
  /** The hood behind her neck. */
  readonly hood: SVGGElement;
  readonly torso: SVGGElement;
  readonly tie: SVGGElement;
}

export function bodyParts(): BodyParts {
  return { hood: hood(), torso: torso(), tie: tie() };
}

function hood(): SVGGElement {
  return group(
    shape('M256 712 C238 660 276 622 344 616 L456 616 C524 622 562 660 544 712 C500 740 300 740 256 712Z', 'var(--outfit-shade)', CLOTH),
    path('M288 700 C284 664 312 642 352 638 L448 638 C488 642 516 664 512 700Z', { fill: 'var(--outfit-line)', opacity: 0.55 }),
  );
}

function torso(): SVGGElement {
  const side = (): SVGGElement =>
    group(
      // Sleeve and front of the jacket.
      shape('M472 668 C520 682 560 696 588 718 C622 744 632 774 636 806 L486 806 C492 760 488 716 472 668Z', 'url(#outfit)', CLOTH, 3.4),
      path('M598 728 C622 750 630 776 634 806 L578 806 C580 776 580 752 572 728 C582 722 590 724 598 728Z', { fill: 'var(--outfit-shade)', opacity: 0.6 }),
      path('M474 676 C490 716 494 760 490 806 L512 806 C516 760 506 712 486 674Z', { fill: 'var(--outfit-shade)', opacity: 0.5 }),
      line('M572 728 C580 752 580 778 578 802', CLOTH, 2.6, 0.7),
      line('M606 738 C622 756 628 780 630 802', 'var(--accent)', 6),
      line('M594 728 C610 750 615 776 617 802', '#ffffff', 3.6, 0.9),
      line('M480 676 C496 716 500 760 496 802', 'var(--accent)', 4.4),
      // Roll of the hood on her shoulder.
      shape('M454 640 C494 640 532 656 546 686 C550 704 540 716 522 716 C500 700 482 690 470 688 C462 674 456 658 454 640Z', 'var(--outfit-light)', CLOTH),
      path('M470 688 C482 690 500 700 522 716 C530 716 540 712 545 700 C520 690 496 676 464 672Z', { fill: 'var(--outfit-shade)', opacity: 0.55 }),
      // Cord of the hood.
      line('M492 700 C494 722 490 738 494 758', '#fff', 4.6),
      make('ellipse', { cx: 494.5, cy: 763, rx: 4.4, ry: 8, fill: 'var(--accent-light)', stroke: 'var(--accent-line)', 'stroke-width': 2.4 }),
    );
  return group(
    // Neck, its shadow, collarbones.
    shape('M362 560 L362 634 C352 652 336 662 318 668 L400 730 L482 668 C464 662 448 652 438 634 L438 560Z', 'url(#skin-neck)', SKIN, 2.8),
    path('M362 574 C376 606 424 606 438 574 L438 612 C420 640 380 640 362 612Z', { fill: '#e0958f', opacity: 0.62 }),
    line('M346 668 C362 668 376 674 386 684 M454 668 C438 668 424 674 414 684', SKIN, 2.4, 0.6),
    // Blouse.
    shape('M330 660 C344 690 370 706 400 714 C430 706 456 690 470 660 C486 704 494 756 492 806 L308 806 C306 756 314 704 330 660Z', 'url(#blouse)', '#6d6a96', 3),
    path('M400 714 L388 806 L412 806Z', { fill: '#c9c8e6', opacity: 0.55 }),
    shape('M328 658 C342 688 368 706 398 714 L366 752 C340 734 322 704 318 676Z', '#ffffff', '#6d6a96', 3),
    shape('M472 658 C458 688 432 706 402 714 L434 752 C460 734 478 704 482 676Z', '#ffffff', '#6d6a96', 3),
    // Choker.
    path('M361 618 C376 640 424 640 439 618 L439 632 C424 654 376 654 361 632Z', { fill: 'var(--outfit-line)' }),
    path('M400 664 C390 656 385 650 388 644 C391 639 398 640 400 646 C402 640 409 639 412 644 C415 650 410 656 400 664Z', {
      fill: 'var(--accent-light)', stroke: 'var(--accent-line)', 'stroke-width': 2.2, 'stroke-linejoin': 'round',
    }),
    side(),
    mirrored(side()),
  );
}

function tie(): SVGGElement {
  const accent = 'var(--accent-line)';
  const half = (): SVGGElement =>
    group(
      shape('M400 728 C420 734 436 760 442 796 L424 788 L410 802 C412 776 408 752 396 734Z', 'var(--accent-shade)', accent, 3),
      shape('M402 724 C424 696 456 690 470 702 C476 722 468 748 452 760 C432 758 414 744 402 724Z', 'url(#accent-bow)', accent),
      path('M462 716 C444 714 422 720 408 728 C426 730 440 738 450 748 C458 738 462 726 462 716Z', { fill: 'var(--accent-shade)', opacity: 0.6 }),
    );
  return group(
    half(),
    mirrored(half()),
    shape('M386 714 C394 708 406 708 414 714 C418 722 418 732 414 740 C406 746 394 746 386 740 C382 732 382 722 386 714Z', 'var(--accent-light)', accent, 3),
  );
}
