/** Makes SVG elements. Attributes only, never `style` text: the page's content policy forbids inline styles. */

const NAMESPACE = 'http://www.w3.org/2000/svg';

export type Attributes = Readonly<Record<string, string | number>>;

export function make<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly SVGElement[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export function group(...children: readonly SVGElement[]): SVGGElement {
  return make('g', {}, ...children);
}

export function path(d: string, attributes: Attributes = {}): SVGPathElement {
  return make('path', { d, ...attributes });
}

/** An outlined shape: a fill and a line of the same hue. */
export function shape(d: string, fill: string, line: string, width = 3.2): SVGPathElement {
  return path(d, { fill, stroke: line, 'stroke-width': width, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' });
}

/** An open line. */
export function line(d: string, stroke: string, width: number, opacity = 1): SVGPathElement {
  return path(d, { fill: 'none', stroke, 'stroke-width': width, 'stroke-linecap': 'round', opacity });
}

/** The same parts for her other side, mirrored at the middle of the picture. */
export function mirrored(...children: readonly SVGElement[]): SVGGElement {
  return make('g', { transform: 'matrix(-1 0 0 1 800 0)' }, ...children);
}

/** A gradient from top to bottom (or `angle` "across"): colour stops in percent. */
export function gradient(id: string, stops: readonly (readonly [number, string])[], box?: Attributes): SVGLinearGradientElement {
  const stopElements = stops.map(([offset, colour]) => make('stop', { offset: `${offset}%`, 'stop-color': colour }));
  return make('linearGradient', { id, x1: 0, y1: 0, x2: 0, y2: 1, ...box }, ...stopElements);
}

export function glow(id: string, stops: readonly (readonly [number, string, number])[], box?: Attributes): SVGRadialGradientElement {
  const stopElements = stops.map(([offset, colour, opacity]) =>
    make('stop', { offset: `${offset}%`, 'stop-color': colour, 'stop-opacity': opacity }),
  );
  return make('radialGradient', { id, ...box }, ...stopElements);
}

/** A number for a path: short, and without the long tails that floating point grows. */
export function n(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Makes the ids of a drawing its own, so that several characters can stand on one page. */
export function scoped(drawing: SVGSVGElement, suffix: string): void {
  for (const element of Array.from(drawing.querySelectorAll('*'))) {
    if (element.id) element.id += suffix;
    for (const name of ['fill', 'stroke', 'clip-path'] as const) {
      const value = element.getAttribute(name);
      if (value?.startsWith('url(#')) element.setAttribute(name, `${value.slice(0, -1)}${suffix})`);
    }
  }
}
