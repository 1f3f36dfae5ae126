import { glow, gradient, make } from './dom';

/** Every gradient of the drawing. */
export function definitions(): SVGDefsElement {
  return make(
    'defs',
    {},
    gradient('hair-front', [[0, 'var(--hair-light)'], [56, 'var(--hair)'], [84, 'var(--hair)'], [100, 'var(--hair-fringe-tip)']]),
    gradient('hair-lock', [[0, 'var(--hair)'], [45, 'var(--hair)'], [100, 'var(--hair-tip)']]),
    gradient('hair-tail', [[0, 'var(--hair-light)'], [22, 'var(--hair)'], [50, 'var(--hair)'], [100, 'var(--hair-tip)']]),
    gradient('hair-back', [[0, 'var(--hair-deep)'], [50, 'var(--hair-back)'], [100, 'var(--hair-tip-back)']]),
    gradient('skin', [[0, 'var(--skin-light)'], [70, 'var(--skin)'], [100, 'var(--skin-low)']]),
    gradient('skin-neck', [[0, 'var(--skin-shade)'], [45, 'var(--skin)'], [100, 'var(--skin-light)']]),
    gradient('eye-white', [[0, '#e9e4f6'], [45, '#ffffff'], [100, '#ffffff']]),
    gradient('eye-iris', [[0, 'var(--eye-top)'], [34, 'var(--eye-mid)'], [66, 'var(--eye)'], [100, 'var(--eye-low)']]),
    gradient('mouth-inside', [[0, '#6b1f38'], [100, '#9c3049']]),
    gradient('outfit', [[0, 'var(--outfit-light)'], [40, 'var(--outfit)'], [100, 'var(--outfit)']]),
    gradient('accent-bow', [[0, 'var(--accent-light)'], [60, 'var(--accent)'], [100, 'var(--accent)']]),
    gradient('blouse', [[0, '#ffffff'], [100, '#e3e4f7']]),
    gradient('water', [[0, '#e9f8ff'], [100, '#9fd6fb']]),
    gradient('shirt', [[0, '#ffffff'], [55, '#f4f4fd'], [100, '#dcdff3']]),
    gradient('glass', [[0, '#ffffff'], [50, '#cfe6ff'], [100, '#ffffff']], { x2: 1 }),
    glow('blush', [[0, 'var(--blush)', 0.66], [55, 'var(--blush)', 0.34], [100, 'var(--blush)', 0]]),
  );
}
