import { group, make, n, path } from './dom';

const DOTS = 3;

/** What floats beside her head: three dots while she ponders, a Z while she dozes. */
export class Thoughts {
  readonly element: SVGGElement;
  private readonly dots: SVGCircleElement[] = [];
  private readonly letters: SVGPathElement[] = [];

  constructor() {
    for (let i = 0; i < DOTS; i++) {
      this.dots.push(make('circle', { cx: 588 + i * 34, cy: 150 - i * 14, r: 11 + i * 1.5, fill: '#fff', stroke: 'var(--hair-line)', 'stroke-width': 3.4 }));
      const size = 15 + i * 8;
      this.letters.push(
        path(`M${-size} ${-size} H${size} L${-size} ${size} H${size}`, {
          fill: 'none', stroke: '#fff', 'stroke-width': 7, 'stroke-linejoin': 'round', 'stroke-linecap': 'round', 'paint-order': 'stroke',
        }),
      );
    }
    const outlined = this.letters.map((letter) => {
      const back = letter.cloneNode() as SVGPathElement;
      back.setAttribute('stroke', 'var(--hair-line)');
      back.setAttribute('stroke-width', '14');
      return group(back, letter);
    });
    this.zs = outlined;
    this.element = group(...this.dots, ...outlined);
  }

  private readonly zs: SVGGElement[];

  draw(tMs: number, pondering: number, dozing: number): void {
    this.dots.forEach((dot, i) => {
      const beat = 0.5 + 0.5 * Math.sin(tMs / 260 - i * 1.1);
      dot.setAttribute('opacity', String(n(pondering * (0.45 + 0.55 * beat) * 100) / 100));
      dot.setAttribute('transform', `translate(0 ${n(-6 * beat)})`);
    });
    this.zs.forEach((z, i) => {
      const rise = ((tMs / 4200 + i / DOTS) % 1 + 1) % 1;
      const seen = Math.sin(Math.PI * rise) * dozing;
      z.setAttribute('opacity', String(n(seen * 100) / 100));
      z.setAttribute('transform', `translate(${n(560 + rise * 96 + Math.sin(rise * 7) * 8)} ${n(206 - rise * 150)}) rotate(${n(-12 + rise * 16)}) scale(${n((0.45 + rise * 0.5) * 100) / 100})`);
    });
  }
}
