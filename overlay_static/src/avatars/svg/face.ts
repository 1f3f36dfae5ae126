import { group, line, make, n, path, shape } from './dom';
import { faceOutline, type FaceShape } from './faces';
import type { Face } from './moods';

const SKIN_LINE = 'var(--skin-line)';
const LASH = '#2a1838';

/** Skin, blush, nose: what lies under the hair. */
export class FaceBase {
  readonly element: SVGGElement;
  /** Parts that turn with the features. */
  readonly features: SVGGElement;
  private readonly skin = shape('', 'url(#skin)', SKIN_LINE, 3.2);
  private readonly clip = path('');
  private readonly blush: SVGGElement;
  private readonly blushLines: SVGPathElement;

  /** `fringeShadow` is the outline of the shadow her hair throws. */
  constructor(
    private readonly form: FaceShape,
    fringeShadow: string,
  ) {
    const y = form.blushY;
    this.blush = group(
      make('ellipse', { cx: 296, cy: y, rx: 44, ry: 25, fill: 'url(#blush)' }),
      make('ellipse', { cx: 504, cy: y, rx: 44, ry: 25, fill: 'url(#blush)' }),
    );
    const strokes = (x: number): string => [0, 15, 30].map((step, i) => `M${x + step} ${y + 4 + (i % 2) * 2} l8 -12`).join(' ');
    this.blushLines = line(`${strokes(280)} ${strokes(482)}`, '#ef5a74', 3.6);
    const noseY = form.mouthY - 46;
    const nose = group(
      path(`M400 ${noseY} C406 ${noseY + 6} 406 ${noseY + 12} 398 ${noseY + 15}`, { fill: 'none', stroke: SKIN_LINE, 'stroke-width': 3, 'stroke-linecap': 'round', opacity: 0.8 }),
      make('ellipse', { cx: 395, cy: noseY, rx: 2.6, ry: 4, fill: 'var(--skin-glow)', opacity: 0.9 }),
      ...(form.mole ? [make('circle', { cx: 462, cy: form.eye.y + 66, r: 3.4, fill: LASH })] : []),
    );
    this.features = group(this.blush, this.blushLines, nose);
    const shadow = make(
      'g',
      { 'clip-path': 'url(#face-clip)' },
      path(fringeShadow, { fill: 'var(--skin-shade)', opacity: 0.6 }),
      path('M249 380 C250 450 262 500 300 540 L240 540Z M551 380 C550 450 538 500 500 540 L560 540Z', { fill: 'var(--skin-shade)', opacity: 0.5 }),
    );
    this.element = group(make('clipPath', { id: 'face-clip' }, this.clip), this.skin, shadow);
  }

  draw(face: Face, jaw: number): void {
    const outline = faceOutline(this.form, jaw);
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

  constructor(private readonly form: FaceShape) {
    this.element = make('g', { opacity: 0.92 }, this.left, this.right);
  }

  draw(face: Face): void {
    this.left.setAttribute('d', brow(this.form, -1, face.browLift, face.browTilt));
    this.right.setAttribute('d', brow(this.form, 1, face.browLiftRight, face.browTiltRight));
  }
}

function brow(form: FaceShape, side: 1 | -1, lift: number, moodTilt: number): string {
  const y = form.brow.y + lift;
  const x = 400 + side * form.eye.x;
  const tilt = moodTilt + form.brow.tilt;
  const thick = form.brow.thick;
  const m = (dx: number): number => n(x + dx * side * form.brow.length);
  const inner = y + tilt * 0.75;
  const outer = y + 10 - tilt * 0.55;
  const arch = y - 9 - Math.abs(tilt) * 0.12;
  return (
    `M${m(-36)} ${n(inner + 4)} C${m(-20)} ${n(arch - 1 + tilt * 0.35)} ${m(10)} ${n(arch - 4)} ${m(42)} ${n(outer)}` +
    ` C${m(12)} ${n(arch - 4 + 9.5 * thick)} ${m(-16)} ${n(arch - 1 + 11 * thick + tilt * 0.35)} ${m(-35)} ${n(inner + 4 + 9 * thick)} C${m(-40)} ${n(inner + 4 + 8 * thick)} ${m(-39)} ${n(inner + 5)} ${m(-36)} ${n(inner + 4)}Z`
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
    this.all.vein.setAttribute('transform', 'translate(-182 14)');
    this.all.sweat.setAttribute('transform', 'translate(-4 46)');
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
