/** Five ways to wear her hair: what hangs behind her, and the locks before her ears. */

import type { HairName } from '../../look';
import { group, line, mirrored, path, shape } from '../dom';
import { HAIR_LINE, shaded, shining, type Hanging, type Mane } from './pieces';

export function mane(name: HairName): Mane {
  return MANES[name]();
}

const MANES: Readonly<Record<HairName, () => Mane>> = {
  twintails: () => ({
    back: shoulderLong(),
    hanging: [hangs(tail(), 572, 226, 1, 1.15, 0.35), hangs(twin(tail()), 228, 226, -1, 1.15, 0.35)],
    lockLeft: twin(softLock()),
    lockRight: softLock(),
  }),
  long: () => ({
    back: group(skull()),
    hanging: [hangs(curtainOfHair(), 400, 250, 1, 0.42, 0.3)],
    lockLeft: twin(bluntLock()),
    lockRight: bluntLock(),
  }),
  bob: () => ({
    back: group(),
    hanging: [hangs(bob(), 400, 300, 1, 0.3, 0.8)],
    lockLeft: twin(curledLock()),
    lockRight: curledLock(),
  }),
  ponytail: () => ({
    back: nape(),
    hanging: [hangs(ponytail(), 520, 158, 1, 1.3, 0.4)],
    lockLeft: twin(thinLock()),
    lockRight: thinLock(),
  }),
  waves: () => ({
    back: group(skull()),
    hanging: [hangs(waves(), 400, 250, 1, 0.5, 0.32)],
    lockLeft: twin(wavyLock()),
    lockRight: wavyLock(),
  }),
};

/** The mirror image in a group of its own, which is moved about without losing the mirror. */
function twin(piece: SVGGElement): SVGGElement {
  return group(mirrored(piece));
}

function hangs(element: SVGGElement, x: number, y: number, side: 1 | -1, swing: number, stiff: number): Hanging {
  return { element, x, y, side, swing, stiff };
}

function deep(d: string): SVGPathElement {
  return path(d, { fill: 'none', stroke: 'var(--hair-deep)', 'stroke-width': 3, 'stroke-linecap': 'round' });
}

/** The back of the head where the rest hangs by itself. */
function skull(): SVGPathElement {
  return shape('M226 350 C206 220 290 126 400 126 C510 126 594 220 574 350 L562 480 H238Z', 'var(--hair-back)', HAIR_LINE);
}

function shoulderLong(): SVGGElement {
  return group(
    shape(
      'M236 300 C196 400 204 520 214 600 C218 640 210 668 196 690 C222 692 244 684 258 668 C262 690 274 706 292 716' +
        ' C296 690 306 668 322 652 L478 652 C494 668 504 690 508 716 C526 706 538 690 542 668 C556 684 578 692 604 690' +
        ' C590 668 582 640 586 600 C596 520 604 400 564 300Z',
      'url(#hair-back)',
      HAIR_LINE,
    ),
    deep('M262 420 C250 520 262 600 252 660 M300 560 C304 610 300 650 292 690 M538 420 C550 520 538 600 548 660 M500 560 C496 610 500 650 508 690'),
  );
}

function tail(): SVGGElement {
  return group(
    shape(
      'M566 226 C602 178 664 192 700 254 C740 324 742 420 728 506 C718 568 726 612 754 652 C722 656 698 646 684 624' +
        ' C686 664 674 700 646 728 C650 690 644 662 632 640 C620 668 604 684 582 694 C598 656 602 616 598 570' +
        ' C592 498 612 430 606 366 C602 318 586 278 560 256Z',
      'url(#hair-tail)',
      HAIR_LINE,
      3.4,
    ),
    shaded(
      'M562 256 C588 280 602 320 606 366 C612 430 592 498 598 570 C602 616 598 656 584 692 C604 682 620 668 632 640' +
        ' C644 590 636 548 640 490 C646 410 642 330 600 262 C590 246 574 240 566 240Z',
      0.62,
    ),
    shaded('M684 624 C680 590 690 560 692 520 C702 560 700 600 712 640 C700 638 690 632 684 624Z', 0.5),
    line('M634 250 C676 318 678 430 662 520 C654 566 656 606 646 660', HAIR_LINE, 2.4, 0.5),
    line('M664 254 C706 330 708 430 694 520 C688 560 690 590 698 620', HAIR_LINE, 2.2, 0.42),
    line('M610 270 C638 340 640 430 624 520', HAIR_LINE, 2.2, 0.42),
    shining(
      'M648 296 C662 300 676 300 690 290 C700 312 706 330 710 352 C702 360 698 344 694 338 C692 356 688 362 682 368' +
        ' C680 352 676 344 672 338 C668 354 664 358 658 362 C660 338 656 316 648 296Z',
    ),
  );
}

function curtainOfHair(): SVGGElement {
  return group(
    shape(
      'M250 250 C196 330 186 470 176 600 C170 690 160 790 132 872 C168 876 196 866 214 846 C222 880 244 900 272 908 L528 908' +
        ' C556 900 578 880 586 846 C604 866 632 876 668 872 C640 790 630 690 624 600 C614 470 604 330 550 250Z',
      'url(#hair-back)',
      HAIR_LINE,
      3.4,
    ),
    shape('M560 300 C596 390 602 500 612 610 C620 700 632 790 660 866 C636 866 614 854 600 834 C592 760 574 690 566 610 C558 500 570 400 548 320Z', 'url(#hair-tail)', HAIR_LINE, 3),
    shape('M240 300 C204 390 198 500 188 610 C180 700 168 790 140 866 C164 866 186 854 200 834 C208 760 226 690 234 610 C242 500 230 400 252 320Z', 'url(#hair-tail)', HAIR_LINE, 3),
    shaded('M566 400 C572 500 566 560 574 640 C582 710 594 770 602 834 C606 842 612 848 618 854 C606 770 596 690 592 610 C588 520 590 450 566 400Z', 0.55),
    shaded('M234 400 C228 500 234 560 226 640 C218 710 206 770 198 834 C194 842 188 848 182 854 C194 770 204 690 208 610 C212 520 210 450 234 400Z', 0.55),
    shining('M590 452 C598 458 604 458 610 452 C612 480 614 500 614 520 C608 514 606 506 604 502 C602 514 600 520 596 524 C596 500 594 476 590 452Z', 0.5),
    shining('M210 452 C202 458 196 458 190 452 C188 480 186 500 186 520 C192 514 194 506 196 502 C198 514 200 520 204 524 C204 500 206 476 210 452Z', 0.5),
    deep('M300 640 C298 730 290 810 276 880 M500 640 C502 730 510 810 524 880'),
  );
}

function bob(): SVGGElement {
  return group(
    shape(
      'M232 320 C192 400 184 500 200 580 C208 622 236 648 276 652 C300 654 326 646 344 632 L456 632 C474 646 500 654 524 652' +
        ' C564 648 592 622 600 580 C616 500 608 400 568 320Z',
      'url(#hair-back)',
      HAIR_LINE,
      3.4,
    ),
    shape('M560 330 C602 400 610 500 596 574 C588 614 566 638 532 648 C552 616 560 580 560 540 C562 470 560 400 548 350Z', 'url(#hair-lock)', HAIR_LINE, 3),
    shape('M240 330 C198 400 190 500 204 574 C212 614 234 638 268 648 C248 616 240 580 240 540 C238 470 240 400 252 350Z', 'url(#hair-lock)', HAIR_LINE, 3),
    shaded('M560 380 C582 440 586 520 574 580 C568 610 554 632 536 646 C552 616 560 580 560 540Z', 0.5),
    shaded('M240 380 C218 440 214 520 226 580 C232 610 246 632 264 646 C248 616 240 580 240 540Z', 0.5),
    shining('M586 430 C592 436 596 436 600 432 C603 456 603 474 602 492 C597 488 595 482 594 478 C592 488 590 494 587 496 C589 474 588 452 586 430Z', 0.5),
    shining('M214 430 C208 436 204 436 200 432 C197 456 197 474 198 492 C203 488 205 482 206 478 C208 488 210 494 213 496 C211 474 212 452 214 430Z', 0.5),
  );
}

function nape(): SVGGElement {
  return group(
    shape('M400 130 C290 130 214 240 222 350 C208 420 216 500 236 560 C246 590 262 612 284 628 L516 628 C538 612 554 590 564 560 C584 500 592 420 578 350 C586 240 510 130 400 130Z', 'url(#hair-back)', HAIR_LINE),
    deep('M264 480 C272 540 286 590 300 620 M536 480 C528 540 514 590 500 620'),
  );
}

function ponytail(): SVGGElement {
  return group(
    shape(
      'M500 150 C540 92 634 96 686 168 C738 242 744 360 728 470 C718 540 724 610 748 664 C718 664 696 652 682 630' +
        ' C682 676 664 716 630 742 C634 706 628 678 616 656 C604 676 590 688 570 694 C592 640 598 580 604 510 C612 420 610 320 570 244 C548 206 520 196 496 196Z',
      'url(#hair-tail)',
      HAIR_LINE,
      3.4,
    ),
    shaded('M508 190 C580 204 618 300 618 400 C618 480 604 560 610 620 C612 640 612 650 616 656 C604 676 590 688 570 694 C592 640 598 580 604 510 C612 420 610 320 570 244 C552 212 530 198 508 194Z', 0.6),
    line('M540 142 C628 150 672 270 668 400 C666 490 650 570 660 650', HAIR_LINE, 2.4, 0.46),
    line('M560 122 C660 142 706 260 702 390 C700 470 694 540 704 610', HAIR_LINE, 2.2, 0.4),
    shining('M640 214 C654 214 666 208 676 198 C690 224 698 248 702 272 C694 276 690 264 686 258 C684 274 680 280 674 284 C672 268 668 260 664 256 C660 268 656 274 650 276 C652 254 648 234 640 214Z'),
    // The band that holds it.
    shape('M494 146 C508 140 524 150 530 168 C534 186 528 204 514 210 C502 208 494 196 490 178 C488 164 488 152 494 146Z', 'var(--accent)', 'var(--accent-line)', 3),
    line('M502 158 C508 170 510 184 508 198', '#fff', 2.4, 0.55),
  );
}

function waves(): SVGGElement {
  const right = (): SVGGElement =>
    group(
      shape(
        'M552 300 C604 352 606 424 592 484 C580 536 612 566 626 612 C642 662 616 704 628 752 C636 786 662 802 690 806 C664 828 626 826 600 806' +
          ' C604 842 590 868 562 884 C570 850 556 820 540 796 C520 760 544 716 536 668 C530 622 552 590 556 540 C560 470 566 380 540 330Z',
        'url(#hair-tail)',
        HAIR_LINE,
        3.2,
      ),
      shaded('M556 540 C574 580 570 620 572 668 C574 720 566 760 586 800 C578 806 570 812 562 884 C570 850 556 820 540 796 C520 760 544 716 536 668 C530 622 552 590 556 540Z', 0.55),
      line('M580 360 C592 430 570 490 590 560 C606 620 588 680 596 740 C600 770 612 790 630 804', HAIR_LINE, 2.2, 0.42),
      shining('M580 400 C588 406 594 406 600 402 C602 430 598 452 592 474 C587 468 586 460 586 454 C583 462 580 466 576 468 C580 446 582 422 580 400Z', 0.5),
    );
  return group(
    shape('M250 260 C210 340 214 500 220 620 C224 720 226 800 250 880 L550 880 C574 800 576 720 580 620 C586 500 590 340 550 260Z', 'url(#hair-back)', HAIR_LINE),
    right(),
    mirrored(right()),
  );
}

function softLock(): SVGGElement {
  return group(
    shape(
      'M546 318 C578 366 590 440 584 512 C580 570 574 614 550 662 C543 640 541 624 543 606 C534 624 525 634 513 642' +
        ' C530 596 546 550 554 502 C560 456 556 412 544 376Z',
      'url(#hair-lock)',
      HAIR_LINE,
      3,
    ),
    shaded('M558 340 C574 400 578 470 569 530 C563 580 558 610 549 640 C546 620 548 600 552 570 C563 500 567 430 552 372Z', 0.45),
    line('M564 404 C570 460 565 520 555 576', HAIR_LINE, 2, 0.4),
  );
}

function bluntLock(): SVGGElement {
  return group(
    shape('M540 318 C574 360 590 430 590 510 C590 550 590 590 588 626 C574 632 556 632 540 626 C546 580 550 540 552 500 C556 456 552 412 540 376Z', 'url(#hair-lock)', HAIR_LINE, 3),
    shaded('M556 350 C570 410 574 480 572 540 C572 572 570 604 566 630 C558 630 548 628 540 626 C546 580 550 540 552 500 C556 456 554 404 548 366Z', 0.42),
    line('M574 400 C580 470 578 560 576 622', HAIR_LINE, 2, 0.4),
  );
}

function curledLock(): SVGGElement {
  return group(
    shape('M544 318 C580 360 594 430 588 500 C584 552 566 590 530 604 C544 584 550 562 552 536 C540 552 528 560 514 564 C536 536 550 510 554 476 C558 440 554 404 544 372Z', 'url(#hair-lock)', HAIR_LINE, 3),
    shaded('M558 350 C576 410 576 470 566 520 C558 558 548 586 532 602 C544 584 550 562 552 536 C560 500 564 420 552 366Z', 0.45),
  );
}

function thinLock(): SVGGElement {
  return group(
    shape('M548 330 C576 380 584 450 578 520 C574 566 562 604 538 640 C536 620 538 600 544 580 C556 540 562 500 562 460 C562 420 556 392 546 372Z', 'url(#hair-lock)', HAIR_LINE, 3),
    shaded('M560 366 C572 420 572 490 562 548 C556 586 548 612 540 632 C536 616 538 600 544 580 C556 540 562 500 562 460Z', 0.45),
  );
}

function wavyLock(): SVGGElement {
  return group(
    shape('M546 318 C582 366 590 428 580 486 C572 530 588 556 592 592 C596 632 574 660 580 698 C560 688 548 668 548 642 C540 656 530 662 518 664 C536 632 546 602 544 566 C542 530 558 500 560 462 C562 424 556 396 544 372Z', 'url(#hair-lock)', HAIR_LINE, 3),
    shaded('M560 352 C576 420 566 480 562 522 C558 560 572 590 566 624 C562 650 564 676 574 692 C556 684 548 668 548 642 C548 610 546 590 544 566 C542 530 558 500 560 462Z', 0.45),
  );
}

/** A bow of cloth at her temple. */
export function bow(): SVGGElement {
  const accent = 'var(--accent-line)';
  return group(
    shape('M578 238 C592 268 600 300 596 336 L612 318 L628 332 C630 292 616 256 592 230Z', 'var(--accent-shade)', accent, 3),
    shape('M566 236 C560 264 546 288 528 306 L550 306 L558 326 C578 304 588 274 584 240Z', 'var(--accent)', accent, 3),
    shape('M574 226 C566 186 540 160 512 164 C500 182 504 214 520 234 C538 240 558 238 574 226Z', 'url(#accent-bow)', accent),
    shape('M574 226 C592 192 624 178 648 190 C656 212 644 242 624 256 C604 258 586 246 574 226Z', 'url(#accent-bow)', accent),
    path('M518 190 C536 192 556 206 570 224 C552 216 534 214 520 220 C516 210 516 200 518 190Z', { fill: 'var(--accent-shade)', opacity: 0.65 }),
    path('M640 208 C620 206 596 214 578 228 C598 226 616 230 628 240 C636 230 640 220 640 208Z', { fill: 'var(--accent-shade)', opacity: 0.65 }),
    shape('M556 214 C564 204 584 202 592 212 C598 222 594 238 586 242 C574 246 560 244 556 236 C552 228 552 220 556 214Z', 'var(--accent-light)', accent, 3),
    line('M564 218 C562 224 562 230 564 234', '#fff', 2.6, 0.6),
  );
}
