import { group, line, make, n, path } from './dom';
import type { EyeShape } from './faces';

const LASH = '#2a1838';
const SKIN_LINE = 'var(--skin-line)';

export interface EyeLook {
  /** 0 shut, 1 open, more is wide. */
  readonly open: number;
  /** Whether the shut eye is a smiling arc, 0..1. */
  readonly smile: number;
  readonly slant: number;
  readonly lowerLid: number;
  readonly iris: number;
  readonly gazeX: number;
  readonly gazeY: number;
}

/** Below this the lids meet and the eye is drawn as a line. */
const SHUT = 0.17;

/** One eye, drawn for her right side of the picture (outer corner at +x); the other is its mirror image. */
export class Eye {
  readonly element: SVGGElement;
  private readonly white = path('', { fill: 'url(#eye-white)' });
  private readonly clip = path('');
  private readonly iris: SVGGElement;
  private readonly shade = path('', { fill: '#5b4a8c', opacity: 0.3 });
  private readonly lash = path('', { fill: LASH });
  private readonly flicks = path('', { fill: LASH });
  private readonly lower = line('', SKIN_LINE, 3);
  private readonly lowerLashes = path('', { fill: LASH });
  private readonly crease = line('', SKIN_LINE, 2.6, 0.85);
  private readonly open: SVGGElement;

  /** `side` is 1 for the eye at the right of the picture, -1 for the left. */
  constructor(
    private readonly side: 1 | -1,
    private readonly form: EyeShape,
  ) {
    const id = side === 1 ? 'eye-clip-r' : 'eye-clip-l';
    this.iris = irisDrawing(form);
    this.open = group(
      this.white,
      make('g', { 'clip-path': `url(#${id})` }, this.iris, this.shade),
    );
    this.element = group(make('clipPath', { id }, this.clip), this.open, this.lower, this.lowerLashes, this.crease, this.lash, this.flicks);
  }

  draw(look: EyeLook): void {
    if (look.open < SHUT) this.drawShut(look.smile);
    else this.drawOpen(look);
  }

  private drawShut(smile: number): void {
    const m = this.mirror;
    this.open.setAttribute('visibility', 'hidden');
    const up = smile > 0.5;
    const y = up ? 16 : 12;
    const bow = up ? -38 : 17;
    const thick = up ? 16 : 11;
    this.lash.setAttribute(
      'd',
      `M${m(-43)} ${y + 1} Q${m(4)} ${y + bow} ${m(49)} ${y - (up ? 1 : 3)} Q${m(53)} ${y + 2} ${m(48)} ${y + 4}` +
        ` Q${m(4)} ${y + bow + thick + (up ? 4 : 0)} ${m(-43)} ${y + 1}Z`,
    );
    this.flicks.setAttribute(
      'd',
      up
        ? `M${m(44)} ${y - 6} L${m(60)} ${y - 1} L${m(47)} ${y + 5}Z`
        : `M${m(44)} ${y - 4} L${m(61)} ${y + 5} L${m(42)} ${y + 6}Z M${m(33)} ${y + 3} L${m(47)} ${y + 16} L${m(30)} ${y + 9}Z` +
            ` M${m(18)} ${y + 8} L${m(27)} ${y + 20} L${m(14)} ${y + 12}Z`,
    );
    this.lower.setAttribute('d', '');
    this.lowerLashes.setAttribute('d', '');
    this.crease.setAttribute('d', up ? '' : `M${m(-26)} ${-12} Q${m(4)} ${-24} ${m(36)} ${-13}`);
  }

  private drawOpen({ open, slant, lowerLid, iris, gazeX, gazeY }: EyeLook): void {
    const m = this.mirror;
    this.open.setAttribute('visibility', 'visible');
    const { form } = this;
    const high = form.height;
    // Positive slant lowers the inner end of the lid and sharpens the look.
    const inner = -50 * open * high + slant * 1.15 + form.outer * 0.55;
    const top = -50 * open * high + slant * 0.3;
    const outer = -50 * open * high - slant * 0.25 - form.outer * 0.8;
    const low = 43 * (0.7 + 0.3 * open) * (0.3 + 0.7 * high) - lowerLid;
    const ix = -41;
    const iy = 13 + slant * 0.25 - lowerLid * 0.3 + form.outer * 0.3;
    const ox = 48;
    const oy = -3 - lowerLid * 0.2 - form.outer * 0.9;
    const thick = 11 * form.lash;
    const lid = `M${m(ix)} ${n(iy)} C${m(-38)} ${n(inner * 0.55)} ${m(-24)} ${n((inner + top) / 2)} ${m(3)} ${n(top)} C${m(29)} ${n(top)} ${m(44)} ${n(outer * 0.62)} ${m(ox)} ${n(oy)}`;
    const eye = `${lid} C${m(48)} ${n(low * 0.55)} ${m(32)} ${n(low)} ${m(6)} ${n(low)} C${m(-18)} ${n(low)} ${m(-35)} ${n(low * 0.72)} ${m(ix)} ${n(iy)}Z`;
    this.white.setAttribute('d', eye);
    this.clip.setAttribute('d', eye);
    this.shade.setAttribute('d', `M${m(-60)} ${n(inner - 40)} H${m(70)} V${n(outer * 0.3 + 6)} C${m(40)} ${n(outer * 0.5 + 9)} ${m(24)} ${n(top + 19)} ${m(2)} ${n(top + 18)} C${m(-20)} ${n(inner + 19)} ${m(-34)} ${n(inner * 0.4 + 16)} ${m(-60)} ${n(inner * 0.1 + 20)}Z`);
    this.iris.setAttribute('transform', `translate(${n(this.side * 2 + gazeX * 12)} ${n(gazeY * 9 - 1)}) scale(${n(iris * 100) / 100})`);
    this.lash.setAttribute(
      'd',
      `M${m(ix - 4)} ${n(iy + 5)} C${m(-45)} ${n(inner * 0.5 - thick * 0.55)} ${m(-27)} ${n((inner + top) / 2 - thick * 0.92)} ${m(3)} ${n(top - thick)}` +
        ` C${m(33)} ${n(top - thick)} ${m(51)} ${n(outer * 0.62 - thick * 0.95)} ${m(ox + 6)} ${n(oy - 7)} Q${m(ox + 12)} ${n(oy - 8)} ${m(ox + 19)} ${n(oy - 15)}` +
        ` C${m(ox + 16)} ${n(oy + 2)} ${m(ox + 8)} ${n(oy + 12)} ${m(ox - 2)} ${n(oy + 18)} C${m(ox + 1)} ${n(oy + 6)} ${m(ox - 1)} ${n(oy + 2)} ${m(ox - 2)} ${n(oy)}` +
        ` C${m(41)} ${n(outer * 0.6 + 3)} ${m(27)} ${n(top + 2)} ${m(3)} ${n(top + 2)} C${m(-22)} ${n((inner + top) / 2 + 2)} ${m(-34)} ${n(inner * 0.52 + 4)} ${m(ix - 4)} ${n(iy + 5)}Z`,
    );
    this.flicks.setAttribute(
      'd',
      `M${m(34)} ${n(outer * 0.82 - 2)} Q${m(48)} ${n(outer * 0.86 - 8)} ${m(57)} ${n(outer * 0.82 - 15)} Q${m(54)} ${n(outer * 0.6 - 2)} ${m(45)} ${n(outer * 0.5)}Z` +
        ` M${m(43)} ${n(outer * 0.5 - 2)} Q${m(57)} ${n(outer * 0.5 - 6)} ${m(66)} ${n(outer * 0.46 - 13)} Q${m(62)} ${n(outer * 0.2)} ${m(48)} ${n(outer * 0.12)}Z`,
    );
    this.lower.setAttribute('d', `M${m(2)} ${n(low + 0.5)} Q${m(20)} ${n(low - 1)} ${m(31)} ${n(low - 10)} Q${m(38)} ${n(low - 17)} ${m(41)} ${n(low - 25)}`);
    this.lowerLashes.setAttribute(
      'd',
      form.lower
        ? `M${m(36)} ${n(low - 17)} L${m(50)} ${n(low - 8)} L${m(31)} ${n(low - 10)}Z M${m(27)} ${n(low - 7)} L${m(38)} ${n(low + 5)} L${m(21)} ${n(low - 2)}Z`
        : '',
    );
    this.crease.setAttribute('d', `M${m(-30)} ${n(inner * 0.86 - 15)} Q${m(2)} ${n(top - 25)} ${m(42)} ${n(outer * 0.78 - 17)}`);
  }

  private readonly mirror = (x: number): number => n(x * this.side * this.form.width);
}

/** The light comes from her upper right, so both irises are the same and never mirrored. */
function irisDrawing({ irisX, irisY, pupil }: EyeShape): SVGGElement {
  const drawing = group(
    make('ellipse', { cx: 0, cy: 0, rx: 34, ry: 42, fill: 'url(#eye-iris)', stroke: 'var(--eye-ring)', 'stroke-width': 3.2 }),
    // Light that fell through from above gathers below.
    path('M-29 8 C-24 36 24 36 29 8 C32 30 17 40 0 40 C-17 40 -32 30 -29 8Z', { fill: 'var(--eye-glint)', opacity: 0.5 }),
    make('ellipse', { cx: 0, cy: 25, rx: 18, ry: 10, fill: 'var(--eye-glint)', opacity: 0.6 }),
    path('M-32 -6 C-28 -46 28 -46 32 -6 C20 -18 -20 -18 -32 -6Z', { fill: 'var(--eye-ring)', opacity: 0.5 }),
    make('ellipse', { cx: 0, cy: -2, rx: 14 * pupil, ry: 19, fill: 'var(--eye-ring)' }),
    make('ellipse', { cx: 0, cy: 7, rx: 7.5 * pupil, ry: 8, fill: 'var(--eye-mid)', opacity: 0.55 }),
    make('ellipse', { cx: -12, cy: -18, rx: 11.5, ry: 13.5, fill: '#fff', transform: 'rotate(20 -12 -18)' }),
    make('circle', { cx: 13, cy: 16, r: 6, fill: '#fff', opacity: 0.95 }),
    make('circle', { cx: 17, cy: -11, r: 2.8, fill: '#fff', opacity: 0.85 }),
    make('circle', { cx: -16, cy: 17, r: 2.6, fill: '#fff', opacity: 0.65 }),
  );
  drawing.setAttribute('transform', `scale(${n((irisX / 34) * 100) / 100} ${n((irisY / 42) * 100) / 100})`);
  return group(drawing);
}
