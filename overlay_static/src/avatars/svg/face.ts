import { group, line, make, n, path, shape } from './dom';
import type { Face } from './moods';

const SKIN_LINE = '#b5656a';
const EYE_Y = 424;

/** The bare face; `jaw` (px) is how far the open mouth pulls the chin down. */
export function faceOutline(jaw: number): string {
  const chin = n(600 + jaw);
  return (
    `M250 366 C247 412 246 448 253 480 C262 520 292 ${n(553 + jaw * 0.4)} 334 ${n(578 + jaw * 0.8)} C362 ${n(594 + jaw)} 384 ${chin} 400 ${chin}` +
    ` C416 ${chin} 438 ${n(594 + jaw)} 466 ${n(578 + jaw * 0.8)} C508 ${n(553 + jaw * 0.4)} 538 520 547 480 C554 448 553 412 550 366` +
    ' C550 262 482 206 400 206 C318 206 250 262 250 366Z'
  );
}

/** Skin, blush, nose: what lies under the hair. */
export class FaceBase {
  readonly element: SVGGElement;
  /** Parts that turn with the features. */
  readonly features: SVGGElement;
  private readonly skin = shape(faceOutline(0), 'url(#skin)', SKIN_LINE, 3.2);
  private readonly clip = path(faceOutline(0));
  private readonly blush: SVGGElement;
  private readonly blushLines: SVGPathElement;

  constructor() {
    this.blush = group(
      make('ellipse', { cx: 296, cy: 492, rx: 44, ry: 25, fill: 'url(#blush)' }),
      make('ellipse', { cx: 504, cy: 492, rx: 44, ry: 25, fill: 'url(#blush)' }),
    );
    this.blushLines = line(
      'M280 496 l8 -12 M295 498 l8 -12 M310 497 l8 -12 M482 497 l8 -12 M497 498 l8 -12 M512 496 l8 -12', '#ef5a74', 3.6,
    );
    const nose = group(
      path('M400 482 C406 488 406 494 398 497', { fill: 'none', stroke: '#d98d84', 'stroke-width': 3, 'stroke-linecap': 'round' }),
      make('ellipse', { cx: 395, cy: 482, rx: 2.6, ry: 4, fill: '#fff', opacity: 0.85 }),
    );
    this.features = group(this.blush, this.blushLines, nose);
    const shadow = make(
      'g',
      { 'clip-path': 'url(#face-clip)' },
      path(
        'M230 190 H570 V440 C566 410 562 392 556 378 C554 394 549 406 538 424 C534 392 520 360 497 336 C492 356 482 370 464 384' +
          ' C462 362 452 342 437 328 C432 362 416 394 388 424 C393 392 388 360 373 331 C357 352 339 368 312 380' +
          ' C320 364 324 350 319 335 C303 362 281 392 259 420 C254 406 248 394 246 382 C241 398 238 420 240 470 L230 470Z',
        { fill: '#e39a94', opacity: 0.5 },
      ),
      path('M249 380 C250 450 262 500 300 540 L240 540Z M551 380 C550 450 538 500 500 540 L560 540Z', { fill: '#e9a49a', opacity: 0.4 }),
    );
    this.element = group(make('clipPath', { id: 'face-clip' }, this.clip), this.skin, shadow);
  }

  draw(face: Face, jaw: number): void {
    const outline = faceOutline(jaw);
    this.skin.setAttribute('d', outline);
    this.clip.setAttribute('d', outline);
    this.blush.setAttribute('opacity', String(n(Math.min(1, face.blush) * 100) / 100));
    this.blushLines.setAttribute('opacity', String(n(face.blushLines * 10) / 10));
  }
}

/** Brows stand before the fringe: a face is read by them. */
export class Brows {
  readonly element: SVGGElement;
  private readonly left = path('', { fill: 'var(--brow)' });
  private readonly right = path('', { fill: 'var(--brow)' });

  constructor() {
    this.element = make('g', { opacity: 0.92 }, this.left, this.right);
  }

  draw(face: Face): void {
    this.left.setAttribute('d', brow(318, -1, face.browLift, face.browTilt));
    this.right.setAttribute('d', brow(482, 1, face.browLiftRight, face.browTiltRight));
  }
}

function brow(x: number, side: 1 | -1, lift: number, tilt: number): string {
  const y = EYE_Y - 74 + lift;
  const m = (dx: number): number => n(x + dx * side);
  const inner = y + tilt * 0.75;
  const outer = y + 10 - tilt * 0.55;
  const arch = y - 9 - Math.abs(tilt) * 0.12;
  return (
    `M${m(-36)} ${n(inner + 4)} C${m(-20)} ${n(arch - 1 + tilt * 0.35)} ${m(10)} ${n(arch - 4)} ${m(42)} ${n(outer)}` +
    ` C${m(12)} ${n(arch + 5.5)} ${m(-16)} ${n(arch + 10 + tilt * 0.35)} ${m(-35)} ${n(inner + 13)} C${m(-40)} ${n(inner + 12)} ${m(-39)} ${n(inner + 5)} ${m(-36)} ${n(inner + 4)}Z`
  );
}

/** The signs of comics: what a small picture cannot say with the face alone. */
export class Signs {
  readonly element: SVGGElement;
  private readonly all: Readonly<Record<'tear' | 'sweat' | 'vein' | 'sparkle', SVGGElement>>;

  constructor() {
    const water = { fill: 'url(#water)', stroke: '#5b9fd6', 'stroke-width': 2.6, 'stroke-linejoin': 'round' };
    this.all = {
      tear: group(path('M282 462 C274 478 270 492 278 500 C288 506 297 496 293 484 C291 476 286 470 282 462Z', water), path('M518 462 C526 478 530 492 522 500 C512 506 503 496 507 484 C509 476 514 470 518 462Z', water)),
      sweat: group(path('M566 300 C584 322 590 342 578 354 C564 362 552 348 556 330 C558 318 562 310 566 300Z', water), line('M563 336 C562 343 565 348 569 350', '#fff', 3, 0.9)),
      vein: group(
        line('M508 178 C521 186 526 196 525 210 M551 172 C541 184 541 194 547 206 M504 232 C517 224 529 224 538 230 M560 226 C546 226 546 234 548 244', '#fff', 13, 0.9),
        line('M508 178 C521 186 526 196 525 210 M551 172 C541 184 541 194 547 206 M504 232 C517 224 529 224 538 230 M560 226 C546 226 546 234 548 244', '#e5304b', 7.4),
      ),
      sparkle: make('g', { fill: '#fff3b0', stroke: '#f0b24a', 'stroke-width': 2.4, 'stroke-linejoin': 'round' },
        path('M606 392 Q610 412 628 416 Q610 420 606 440 Q602 420 584 416 Q602 412 606 392Z'),
        path('M190 350 Q193 364 206 367 Q193 370 190 384 Q187 370 174 367 Q187 364 190 350Z'),
      ),
    };
    this.element = group(this.all.tear, this.all.sweat, this.all.vein, this.all.sparkle);
  }

  draw(face: Face): void {
    for (const [name, element] of Object.entries(this.all)) {
      const amount = face[name as 'tear' | 'sweat' | 'vein' | 'sparkle'];
      element.setAttribute('opacity', String(n(amount * 100) / 100));
      element.setAttribute('visibility', amount > 0.02 ? 'visible' : 'hidden');
    }
  }
}

/** A star in her hair, on the side away from the parting. */
export function hairpin(): SVGGElement {
  return make(
    'g',
    { transform: 'translate(286 268) rotate(-18)' },
    shape('M0 -25 L7.4 -9 L25 -7 L12 5 L15.6 23 L0 14 L-15.6 23 L-12 5 L-25 -7 L-7.4 -9Z', '#ffd978', '#a8691f', 3.2),
    path('M0 -17 L4.6 -6 L16 -5 L6 2 L0 0 L-6 2 L-16 -5 L-4.6 -6Z', { fill: '#fff2c2', opacity: 0.9 }),
  );
}
