import { make, path } from './dom';
import { fang, mouthPaths, type MouthMood, type MouthShape } from './mouths';

const LINE = 'var(--mouth-line)';

/** The mouth on the face. */
export class MouthPart {
  readonly element: SVGGElement;
  private readonly inside = path('', { fill: 'url(#mouth-inside)', stroke: LINE, 'stroke-width': 3.6, 'stroke-linejoin': 'round' });
  private readonly clip = path('');
  private readonly teeth = path('', { fill: '#fff' });
  private readonly tongue = path('', { fill: '#ff8d9f' });
  private readonly lips = path('', { fill: 'none', stroke: LINE, 'stroke-width': 4.4, 'stroke-linecap': 'round' });
  private readonly fang = path('', { fill: '#fff', stroke: LINE, 'stroke-width': 2.4, 'stroke-linejoin': 'round' });
  private readonly lowerLip = path('', { fill: 'none', stroke: 'var(--lip)', 'stroke-width': 3.4, 'stroke-linecap': 'round', opacity: 0.75 });
  private readonly sealed = path('M-11 -8 L11 12 M11 -8 L-11 12', {
    fill: 'none', stroke: LINE, 'stroke-width': 5, 'stroke-linecap': 'round',
  });

  constructor(private readonly hasFang: boolean) {
    const clipPath = make('clipPath', { id: 'mouth-clip' }, this.clip);
    const held = make('g', { 'clip-path': 'url(#mouth-clip)' }, this.teeth, this.tongue);
    this.element = make('g', {}, clipPath, this.lowerLip, this.inside, held, this.lips, this.fang, this.sealed);
  }

  /** `sealed`: the crossed lips of a character that must not speak. */
  draw(shape: MouthShape, mood: MouthMood, sealed: boolean): void {
    const paths = mouthPaths(shape, mood);
    const showCross = sealed && paths.inside === '';
    this.inside.setAttribute('d', paths.inside);
    this.clip.setAttribute('d', paths.inside || 'M0 0');
    this.teeth.setAttribute('d', paths.teeth);
    this.tongue.setAttribute('d', paths.tongue);
    this.lips.setAttribute('d', showCross ? '' : paths.lips);
    this.lowerLip.setAttribute('d', showCross ? '' : paths.lowerLip);
    this.fang.setAttribute('d', this.hasFang && !showCross ? fang(shape, mood) : '');
    this.sealed.setAttribute('visibility', showCross ? 'visible' : 'hidden');
  }
}
