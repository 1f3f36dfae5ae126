/** Four outfits. */

import type { OutfitName } from '../../look';
import { group, line, make, mirrored, path, shape } from '../dom';
import { chestBow, CLOTH, folds, neck, SHOULDERS, sleeve, type Outfit } from './pieces';

export function outfit(name: OutfitName): Outfit {
  return OUTFITS[name]();
}

const SEAM = '#6d6a96';

const OUTFITS: Readonly<Record<OutfitName, () => Outfit>> = { jacket, sailor, knit, gothic };

/** An open hooded jacket over a blouse. */
function jacket(): Outfit {
  const side = (): SVGGElement =>
    group(
      // Sleeve and front.
      shape('M470 676 C520 690 566 704 596 726 C624 748 640 800 646 850 L652 944 L488 944 C496 830 494 760 470 676Z', 'url(#outfit)', CLOTH, 3.4),
      path('M622 764 C640 810 646 860 652 944 L598 944 C600 860 594 806 578 772 C592 760 610 756 622 764Z', { fill: 'var(--outfit-shade)', opacity: 0.55 }),
      path('M474 684 C496 760 498 830 490 944 L514 944 C518 830 510 750 488 684Z', { fill: 'var(--outfit-shade)', opacity: 0.5 }),
      line('M572 776 C580 816 582 866 580 944', CLOTH, 3, 0.75),
      line('M574 806 C560 820 546 826 528 828 M578 842 C566 852 554 856 540 858', CLOTH, 2.4, 0.35),
      line('M606 736 C628 770 638 840 642 908', 'var(--accent)', 6.5),
      line('M594 728 C616 764 625 836 629 908', '#ffffff', 3.8, 0.9),
      line('M480 686 C500 760 502 830 496 908', 'var(--accent)', 4.6),
      // Roll of the hood on her shoulder.
      shape('M452 642 C494 644 534 662 548 692 C552 712 542 724 522 724 C500 706 482 696 468 694 C460 680 454 662 452 642Z', 'var(--outfit-light)', CLOTH),
      path('M468 694 C482 696 500 706 522 724 C532 724 544 720 547 706 C520 698 494 684 462 678Z', { fill: 'var(--outfit-shade)', opacity: 0.55 }),
      line('M492 708 C494 732 490 748 494 770', '#fff', 4.8),
      make('ellipse', { cx: 494.5, cy: 776, rx: 4.6, ry: 9, fill: 'var(--accent-light)', stroke: 'var(--accent-line)', 'stroke-width': 2.4 }),
    );
  return {
    behind: group(
      shape('M250 716 C234 662 276 622 344 616 L456 616 C524 622 566 662 550 716 C500 744 300 744 250 716Z', 'var(--outfit-shade)', CLOTH),
      path('M288 702 C284 664 312 642 352 638 L448 638 C488 642 516 664 512 702Z', { fill: 'var(--outfit-line)', opacity: 0.55 }),
    ),
    torso: group(
      neck(),
      shape('M328 664 C342 696 368 712 400 720 C432 712 458 696 472 664 C492 730 500 820 494 944 L306 944 C300 820 308 730 328 664Z', 'url(#blouse)', SEAM, 3),
      path('M400 720 L382 944 L418 912Z', { fill: '#c9c8e6', opacity: 0.5 }),
      shape('M326 662 C340 694 366 712 398 720 L364 762 C338 744 320 712 316 680Z', '#ffffff', SEAM, 3),
      shape('M474 662 C460 694 434 712 402 720 L436 762 C462 744 480 712 484 680Z', '#ffffff', SEAM, 3),
      side(),
      mirrored(side()),
    ),
    dangling: chestBow(),
    sleeve: sleeve('url(#outfit)', 'var(--outfit-light)'),
  };
}

/** A school sailor suit. */
function sailor(): Outfit {
  const collar = (): SVGGElement =>
    group(
      shape('M440 646 C470 660 520 676 572 706 C566 742 548 776 520 800 C480 780 436 762 404 770 C428 736 442 694 440 646Z', 'url(#outfit)', CLOTH, 3.4),
      line('M566 718 C560 746 544 770 520 786 C484 768 446 752 418 756', '#fff', 4, 0.92),
    );
  return {
    behind: shapeGroup('M300 690 C300 648 336 622 362 618 L438 618 C464 622 500 648 500 690Z', 'var(--outfit-shade)'),
    torso: group(
      shape(SHOULDERS, 'url(#shirt)', SEAM, 3.4),
      path('M626 774 C642 818 648 866 652 944 L602 944 C604 860 596 812 578 778 C594 764 614 762 626 774Z', { fill: '#c3c8e4', opacity: 0.6 }),
      line('M566 806 C576 836 580 870 580 944 M234 806 C224 836 220 870 220 944', SEAM, 3, 0.7),
      line('M570 828 C556 840 544 846 528 848 M230 828 C244 840 256 846 272 848', SEAM, 2.4, 0.4),
      neck(),
      shape('M348 700 L452 700 L414 786 L386 786Z', '#ffffff', SEAM, 2.6),
      line('M358 722 H442', 'var(--outfit)', 4, 0.9),
      collar(),
      mirrored(collar()),
    ),
    dangling: group(
      shape('M394 772 C382 806 360 844 330 866 L358 866 L364 892 C388 862 404 824 408 786Z', 'var(--accent)', 'var(--accent-line)', 3),
      shape('M406 772 C418 806 440 844 470 866 L442 866 L436 892 C412 862 396 824 392 786Z', 'url(#accent-bow)', 'var(--accent-line)', 3),
      path('M408 790 C420 818 436 842 456 860 L442 866 L436 892 C412 862 400 826 400 790Z', { fill: 'var(--accent-shade)', opacity: 0.5 }),
      shape('M378 756 C392 750 408 750 422 756 C426 768 424 784 416 792 C406 796 394 796 384 792 C376 784 374 768 378 756Z', 'var(--accent-light)', 'var(--accent-line)', 3),
    ),
    sleeve: sleeve('url(#shirt)', 'var(--outfit)'),
  };
}

/** A big soft pullover with a rolled collar. */
function knit(): Outfit {
  const ribs = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => line(`M${324 + i * 19} ${656 + Math.abs(4 - i) * -2.6} C${322 + i * 19.5} 676 ${322 + i * 19.5} 694 ${326 + i * 18.5} ${714 - Math.abs(4 - i) * 3}`, CLOTH, 2.4, 0.3));
  const cable = (x: number): SVGGElement =>
    group(
      ...[0, 1, 2, 3].map((i) => line(`M${x - 11} ${750 + i * 44} C${x - 11} ${770 + i * 44} ${x + 11} ${774 + i * 44} ${x + 11} ${794 + i * 44} M${x + 11} ${750 + i * 44} C${x + 11} ${770 + i * 44} ${x - 11} ${774 + i * 44} ${x - 11} ${794 + i * 44}`, CLOTH, 3, 0.34)),
    );
  return {
    behind: group(),
    torso: group(
      neck(),
      shape('M400 690 L456 672 C486 682 530 690 566 706 C612 726 636 762 648 812 C656 848 660 880 662 944 L138 944 C140 880 144 848 152 812 C164 762 188 726 234 706 C270 690 314 682 344 672Z', 'url(#outfit)', CLOTH, 3.4),
      path('M640 790 C654 830 660 872 662 944 L604 944 C606 866 600 820 582 784 C600 770 626 766 640 790Z', { fill: 'var(--outfit-shade)', opacity: 0.5 }),
      folds(),
      cable(400), cable(318), cable(482),
      // Raglan seams.
      line('M470 704 C512 736 544 772 562 812 M330 704 C288 736 256 772 238 812', CLOTH, 2.6, 0.5),
      // The roll around her neck.
      shape('M318 652 C322 628 346 618 364 622 C384 636 416 636 436 622 C454 618 478 628 482 652 C488 680 484 700 472 716 C428 734 372 734 328 716 C316 700 312 680 318 652Z', 'url(#outfit)', CLOTH, 3.4),
      path('M328 706 C372 726 428 726 472 706 C484 694 486 676 483 660 C480 690 440 706 400 706 C360 706 320 690 317 660 C314 676 316 694 328 706Z', { fill: 'var(--outfit-shade)', opacity: 0.5 }),
      ...ribs,
    ),
    dangling: group(
      line('M352 724 C366 780 384 800 400 812 C416 800 434 780 448 724', 'var(--accent-line)', 2.6, 0.9),
      path('M400 846 C384 832 376 822 381 811 C386 803 397 805 400 814 C403 805 414 803 419 811 C424 822 416 832 400 846Z', { fill: 'url(#accent-bow)', stroke: 'var(--accent-line)', 'stroke-width': 3, 'stroke-linejoin': 'round' }),
      line('M388 816 C387 820 389 824 391 826', '#fff', 2.6, 0.7),
    ),
    sleeve: sleeve('url(#outfit)', 'var(--outfit-light)'),
  };
}

/** A dark dress with a lace collar and a cape. */
function gothic(): Outfit {
  const cape = (): SVGGElement =>
    group(
      shape('M446 676 C520 684 594 704 626 758 C650 802 660 850 664 944 L552 944 C548 850 520 776 446 676Z', 'url(#outfit)', CLOTH, 3.4),
      path('M470 688 C540 760 560 840 560 944 L596 944 C594 830 560 744 496 690Z', { fill: 'var(--outfit-shade)', opacity: 0.5 }),
      line('M458 690 C522 764 548 838 554 908', 'var(--accent)', 4.6),
      line('M606 742 C630 790 640 850 644 908', CLOTH, 2.4, 0.45),
    );
  const lace = 'M400 738 C388 738 384 728 388 720 C376 726 364 720 364 710 C352 714 340 706 342 696 C330 696 322 686 328 676 C320 670 320 658 330 654 C344 676 370 690 400 694';
  const ruffle = (): SVGElement => shape(lace + 'Z', 'url(#shirt)', SEAM, 2.8);
  return {
    behind: shapeGroup('M292 700 C280 640 326 606 362 604 L438 604 C474 606 520 640 508 700Z', 'var(--outfit-shade)'),
    torso: group(
      neck(),
      shape('M322 660 C342 690 368 704 400 708 C432 704 458 690 478 660 C520 720 560 800 560 944 L240 944 C240 800 280 720 322 660Z', 'var(--outfit-shade)', CLOTH, 3.2),
      shape('M374 716 C390 722 410 722 426 716 C436 780 438 850 436 944 L364 944 C362 850 364 780 374 716Z', 'url(#shirt)', SEAM, 2.8),
      line('M376 780 C390 790 410 790 424 780 M372 820 C390 830 410 830 428 820 M370 860 C390 870 410 870 430 860', SEAM, 2.4, 0.55),
      cape(),
      mirrored(cape()),
      ruffle(),
      mirrored(ruffle()),
      line('M336 668 C352 688 374 702 400 706 C426 702 448 688 464 668', SEAM, 2.2, 0.5),
    ),
    dangling: group(
      shape('M398 744 C376 750 352 748 338 736 C346 760 362 776 384 780 C374 812 362 840 346 866 C374 858 396 834 402 790Z', 'var(--accent-shade)', 'var(--accent-line)', 3),
      shape('M402 744 C424 750 448 748 462 736 C454 760 438 776 416 780 C426 812 438 840 454 866 C426 858 404 834 398 790Z', 'url(#accent-bow)', 'var(--accent-line)', 3),
      make('ellipse', { cx: 400, cy: 752, rx: 21, ry: 25, fill: '#f6d68a', stroke: '#97702a', 'stroke-width': 3 }),
      make('ellipse', { cx: 400, cy: 752, rx: 13, ry: 17, fill: 'url(#eye-iris)', stroke: '#97702a', 'stroke-width': 2.4 }),
      make('ellipse', { cx: 395, cy: 745, rx: 4, ry: 5, fill: '#fff', opacity: 0.85 }),
    ),
    sleeve: sleeve('url(#outfit)', '#ffffff', SEAM),
  };
}

function shapeGroup(d: string, fill: string): SVGGElement {
  return group(shape(d, fill, CLOTH));
}
