/** The hand she waves with: an open palm on a sleeve, drawn upright around the wrist at (0, 0). */

import { group, line, path, shape } from './dom';

const LINE = 'var(--skin-line)';

export function wavingArm(sleeve: SVGGElement): SVGGElement {
  return group(hand(), sleeve);
}

function hand(): SVGGElement {
  return group(
    // Little finger to index finger, then the palm over their roots, then the thumb.
    shape('M30 -56 C36 -74 44 -94 51 -106 C56 -114 67 -110 66 -100 C63 -82 55 -58 46 -38Z', 'url(#skin)', LINE, 3),
    shape('M12 -66 C14 -92 18 -118 22 -134 C25 -144 38 -143 38 -132 C38 -112 35 -84 30 -58Z', 'url(#skin)', LINE, 3),
    shape('M-10 -66 C-12 -94 -12 -122 -11 -138 C-10 -149 4 -149 5 -138 C8 -118 11 -92 12 -64Z', 'url(#skin)', LINE, 3),
    shape('M-30 -54 C-38 -80 -46 -104 -49 -118 C-51 -128 -38 -133 -33 -124 C-24 -106 -14 -84 -8 -62Z', 'url(#skin)', LINE, 3),
    shape('M-27 28 C-30 10 -36 -10 -35 -34 C-34 -58 -26 -66 -8 -68 L26 -66 C42 -62 48 -48 46 -32 C42 -10 30 6 28 28Z', 'url(#skin)', LINE, 3),
    path('M-30 -52 C-22 -64 -10 -66 -6 -66 L27 -64 C40 -60 45 -48 44 -36 C38 -56 24 -62 8 -60 C-8 -60 -22 -58 -30 -40Z', { fill: 'var(--skin-light)', opacity: 0.9 }),
    shape('M-32 2 C-48 -14 -62 -32 -72 -46 C-78 -56 -68 -65 -59 -59 C-48 -50 -38 -42 -28 -36 C-18 -26 -20 -6 -32 2Z', 'url(#skin)', LINE, 3),
    path('M-34 -3 C-28 -10 -26 -22 -30 -33 L-24 -30 C-18 -20 -20 -6 -27 2Z', { fill: 'url(#skin)' }),
    line('M-20 -6 C-10 -18 8 -22 26 -16', LINE, 2.2, 0.5),
    line('M-14 -36 C0 -44 18 -44 32 -36', LINE, 2.2, 0.4),
  );
}
