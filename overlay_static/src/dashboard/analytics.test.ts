import { describe, expect, it } from 'vitest';
import { chartsOf } from './analytics';

const data = { days: [1, 2], heard: [3, 0], unheard: [1, 2], people: [2, 1], p50: [800, null], p95: [900, null], cost: [0.0312, 0], income: [1, 0] };

describe('what the charts show', () => {
  it('stands what was not heard on what was', () => {
    const [unheard, heard] = chartsOf(data, {}).replies!.lines;
    expect(unheard!.values).toEqual([4, 2]);
    expect(unheard!.told).toEqual([1, 2]);
    expect(heard!.values).toEqual([3, 0]);
  });

  it('shows small sums of money as more than nothing', () => {
    const { unit } = chartsOf(data, {}).money!;
    expect(unit(0.0312)).toBe('$0.0312');
    expect(unit(1)).toBe('$1.00');
  });

  it('names the lines in the words of the page', () => {
    expect(chartsOf(data, { wordsP50: 'обычно' }).speed!.lines[1]!.label).toBe('обычно');
  });
});
