import { group, line, make, mirrored, path, shape } from './dom';

const LINE = 'var(--hair-line)';

/** Pieces of hair that move by themselves, each around its own root. */
export interface HairParts {
  /** Behind everything. */
  readonly back: SVGGElement;
  readonly tailLeft: SVGGElement;
  readonly tailRight: SVGGElement;
  /** Before the face. */
  readonly lockLeft: SVGGElement;
  readonly lockRight: SVGGElement;
  readonly fringe: SVGGElement;
  readonly ahoge: SVGGElement;
  readonly bows: SVGGElement;
}

const TAIL =
  'M566 226 C602 178 664 192 700 254 C740 324 742 420 728 506 C718 568 726 612 754 652 C722 656 698 646 684 624' +
  ' C686 664 674 700 646 728 C650 690 644 662 632 640 C620 668 604 684 582 694 C598 656 602 616 598 570' +
  ' C592 498 612 430 606 366 C602 318 586 278 560 256Z';

const CAP = 'M234 404 C206 232 292 116 400 116 C508 116 594 232 566 404';

/** The lower edge of the fringe, from her right temple to her left one. */
const FRINGE_EDGE =
  ' C565 388 562 372 556 356 C554 372 549 386 540 402 C536 368 522 336 498 312 C494 332 484 348 466 362' +
  ' C464 340 454 320 438 304 C434 340 418 372 390 402 C395 370 390 338 374 308 C358 330 340 346 314 358' +
  ' C322 342 325 328 320 312 C304 340 282 370 260 398 C254 384 248 370 246 358 C240 372 236 388 234 404Z';

export function hairParts(): HairParts {
  return {
    back: backHair(),
    tailLeft: mirrored(tail()),
    tailRight: tail(),
    lockLeft: mirrored(sideLock()),
    lockRight: sideLock(),
    fringe: fringe(),
    ahoge: ahoge(),
    bows: group(bow(), mirrored(bow())),
  };
}

function backHair(): SVGGElement {
  return group(
    shape(
      'M236 300 C196 400 204 520 214 600 C218 640 210 668 196 690 C222 692 244 684 258 668 C262 690 274 706 292 716' +
        ' C296 690 306 668 322 652 L478 652 C494 668 504 690 508 716 C526 706 538 690 542 668 C556 684 578 692 604 690' +
        ' C590 668 582 640 586 600 C596 520 604 400 564 300Z',
      'url(#hair-back)',
      LINE,
    ),
    path('M262 420 C250 520 262 600 252 660 M300 560 C304 610 300 650 292 690 M538 420 C550 520 538 600 548 660 M500 560 C496 610 500 650 508 690', {
      fill: 'none', stroke: 'var(--hair-deep)', 'stroke-width': 3, 'stroke-linecap': 'round',
    }),
  );
}

function tail(): SVGGElement {
  return group(
    shape(TAIL, 'url(#hair-tail)', LINE, 3.4),
    // The side away from the light.
    path(
      'M562 256 C588 280 602 320 606 366 C612 430 592 498 598 570 C602 616 598 656 584 692 C604 682 620 668 632 640' +
        ' C644 590 636 548 640 490 C646 410 642 330 600 262 C590 246 574 240 566 240Z',
      { fill: 'var(--hair-shade)', opacity: 0.62 },
    ),
    path('M684 624 C680 590 690 560 692 520 C702 560 700 600 712 640 C700 638 690 632 684 624Z', { fill: 'var(--hair-shade)', opacity: 0.5 }),
    line('M634 250 C676 318 678 430 662 520 C654 566 656 606 646 660', LINE, 2.4, 0.5),
    line('M664 254 C706 330 708 430 694 520 C688 560 690 590 698 620', LINE, 2.2, 0.42),
    line('M610 270 C638 340 640 430 624 520', LINE, 2.2, 0.42),
    path(
      'M648 296 C662 300 676 300 690 290 C700 312 706 330 710 352 C702 360 698 344 694 338 C692 356 688 362 682 368' +
        ' C680 352 676 344 672 338 C668 354 664 358 658 362 C660 338 656 316 648 296Z',
      { fill: 'var(--hair-shine)', opacity: 0.55 },
    ),
  );
}

function sideLock(): SVGGElement {
  return group(
    shape(
      'M540 318 C574 366 588 440 582 512 C578 570 572 614 548 662 C541 640 539 624 541 606 C532 624 523 634 511 642' +
        ' C528 596 543 550 549 502 C553 456 550 412 538 376Z',
      'url(#hair-lock)',
      LINE,
      3,
    ),
    path('M552 340 C570 400 574 470 566 530 C560 580 556 610 547 640 C544 620 546 600 550 570 C560 500 562 430 546 372Z', {
      fill: 'var(--hair-shade)', opacity: 0.45,
    }),
    line('M560 404 C566 460 562 520 552 576', LINE, 2, 0.4),
  );
}

function fringe(): SVGGElement {
  return group(
    shape(CAP + FRINGE_EDGE, 'url(#hair-front)', LINE, 3.4),
    // Between the strands, towards the crown.
    path(
      'M556 356 C552 312 536 270 508 238 C526 282 532 336 538 388 C546 376 552 366 556 356Z' +
        ' M498 312 C494 280 482 248 460 220 C474 258 474 304 469 350 C484 340 494 326 498 312Z' +
        ' M438 304 C438 270 430 240 416 208 C421 252 416 310 400 376 C422 352 434 328 438 304Z' +
        ' M374 308 C368 272 370 242 380 206 C362 240 350 292 328 346 C348 338 366 326 374 308Z' +
        ' M320 312 C314 284 316 252 332 220 C302 252 286 316 268 380 C290 356 310 334 320 312Z' +
        ' M246 358 C246 314 258 270 282 236 C256 266 244 322 239 380 C241 372 243 364 246 358Z',
      { fill: 'var(--hair-shade)', opacity: 0.6 },
    ),
    // The crown's own roundness.
    path('M252 300 C250 200 316 138 400 134 C484 138 550 200 548 300 C530 210 470 162 400 160 C330 162 270 210 252 300Z', {
      fill: 'var(--hair-shade)', opacity: 0.28,
    }),
    line('M402 140 C396 176 392 220 376 296', LINE, 2.2, 0.4),
    line('M410 140 C424 176 436 236 434 296', LINE, 2.2, 0.4),
    line('M420 142 C456 176 486 232 492 300', LINE, 2.2, 0.36),
    line('M392 142 C350 176 320 236 320 300', LINE, 2.2, 0.36),
    line('M380 144 C318 172 276 236 262 312', LINE, 2.2, 0.3),
    line('M432 144 C492 174 532 240 542 312', LINE, 2.2, 0.3),
    shineBand(),
  );
}

/** The glossy ring on her head, broken where the strands part. */
function shineBand(): SVGGElement {
  const pieces = [
    'M266 268 C270 244 282 224 296 210 C302 214 304 220 304 226 C296 236 292 244 290 252 C288 244 286 242 284 242 C276 252 272 262 266 268Z',
    'M308 204 C322 192 338 184 354 180 C356 190 354 198 350 206 C344 204 342 200 340 198 C336 206 332 214 326 220 C324 212 322 208 318 206 C314 212 312 216 308 220Z',
    'M362 178 C384 173 412 173 432 177 C438 186 438 194 436 202 C430 200 428 194 426 192 C424 202 420 208 416 212 C412 204 408 198 404 196 C398 206 394 212 388 214 C386 206 384 200 380 196 C376 202 372 206 366 208 C364 198 362 188 362 178Z',
    'M442 179 C460 184 478 192 490 203 C492 212 490 220 488 226 C484 218 480 214 476 212 C474 220 470 224 466 228 C462 216 456 206 450 200 C448 204 446 208 444 208 C442 198 441 188 442 179Z',
    'M500 212 C514 226 526 246 532 268 C526 264 522 256 518 250 C516 256 514 260 510 262 C508 248 502 236 496 228 C498 222 499 216 500 212Z',
  ];
  return make('g', { fill: 'var(--hair-shine)', opacity: 0.7 }, ...pieces.map((d) => path(d)));
}

function ahoge(): SVGGElement {
  return group(
    shape('M392 126 C372 92 382 52 432 42 C450 40 462 46 470 56 C444 54 424 66 418 84 C414 98 414 112 418 126Z', 'url(#hair-front)', LINE, 3.2),
    line('M400 112 C392 88 402 62 432 52', LINE, 1.8, 0.4),
  );
}

function bow(): SVGGElement {
  const accent = 'var(--accent-line)';
  return group(
    // Ribbon ends.
    shape('M578 238 C592 268 600 300 596 336 L612 318 L628 332 C630 292 616 256 592 230Z', 'var(--accent-shade)', accent, 3),
    shape('M566 236 C560 264 546 288 528 306 L550 306 L558 326 C578 304 588 274 584 240Z', 'var(--accent)', accent, 3),
    // Loops.
    shape('M574 226 C566 186 540 160 512 164 C500 182 504 214 520 234 C538 240 558 238 574 226Z', 'url(#accent-bow)', accent),
    shape('M574 226 C592 192 624 178 648 190 C656 212 644 242 624 256 C604 258 586 246 574 226Z', 'url(#accent-bow)', accent),
    path('M518 190 C536 192 556 206 570 224 C552 216 534 214 520 220 C516 210 516 200 518 190Z', { fill: 'var(--accent-shade)', opacity: 0.65 }),
    path('M640 208 C620 206 596 214 578 228 C598 226 616 230 628 240 C636 230 640 220 640 208Z', { fill: 'var(--accent-shade)', opacity: 0.65 }),
    shape('M556 214 C564 204 584 202 592 212 C598 222 594 238 586 242 C574 246 560 244 556 236 C552 228 552 220 556 214Z', 'var(--accent-light)', accent, 3),
    line('M564 218 C562 224 562 230 564 234', '#fff', 2.6, 0.6),
  );
}
