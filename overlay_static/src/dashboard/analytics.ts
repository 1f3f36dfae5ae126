/** The charts of the figures page. The library is fetched on that page alone. */
import type { AlignedData, Options, Series } from 'uplot';

interface Data {
  /** Unix seconds. */
  readonly days: readonly number[];
  readonly heard: readonly number[];
  readonly unheard: readonly number[];
  readonly people: readonly number[];
  /** Milliseconds; null on days without a sound. */
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  /** Dollars. */
  readonly cost: readonly number[];
  readonly income: readonly number[];
}

interface Line {
  readonly label: string;
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly bars?: boolean;
  /** What is told under the chart in place of `values`: of bars that stand on others, without these. */
  readonly told?: readonly number[];
}

interface Chart {
  readonly lines: readonly Line[];
  readonly unit: (value: number) => string;
}

const HEIGHT = 220;

export async function analyticsPage(): Promise<void> {
  const ground = document.querySelector<HTMLElement>('[data-analytics]');
  const stored = document.getElementById('analytics-data');
  if (!ground || !stored) return;
  const data = JSON.parse(stored.textContent!) as Data;
  const charts = chartsOf(data, ground.dataset);
  const { default: UPlot } = await import('./uplot');
  for (const place of ground.querySelectorAll<HTMLElement>('[data-chart]')) {
    const chart = charts[place.dataset.chart!];
    if (!chart) continue;
    const width = (): number => Math.max(240, place.clientWidth);
    const plot = new UPlot(options(chart, ground.dataset.wordsDay ?? '', width(), UPlot), aligned(data.days, chart.lines), place);
    new ResizeObserver(() => plot.setSize({ width: width(), height: HEIGHT })).observe(place);
  }
}

/** What each chart shows. Bars that stand on each other come with their sums. */
export function chartsOf(data: Data, words: DOMStringMap): Record<string, Chart> {
  const word = (name: string): string => words[`words${name}`] ?? name;
  const sum = data.heard.map((heard, day) => heard + data.unheard[day]!);
  return {
    replies: {
      lines: [
        { label: word('Unheard'), colour: '--faint', values: sum, told: data.unheard, bars: true },
        { label: word('Heard'), colour: '--accent', values: data.heard, bars: true },
        { label: word('People'), colour: '--info', values: data.people },
      ],
      unit: (value) => String(Math.round(value)),
    },
    speed: {
      lines: [
        { label: word('P95'), colour: '--warn', values: data.p95 },
        { label: word('P50'), colour: '--good', values: data.p50 },
      ],
      unit: (value) => `${Math.round(value)} ms`,
    },
    money: {
      lines: [
        { label: word('Cost'), colour: '--warn', values: data.cost },
        { label: word('Income'), colour: '--good', values: data.income },
      ],
      unit: (value) => `$${value.toFixed(value !== 0 && Math.abs(value) < 0.1 ? 4 : 2)}`,
    },
  };
}

function aligned(days: readonly number[], lines: readonly Line[]): AlignedData {
  return [[...days], ...lines.map((line) => [...line.values])] as AlignedData;
}

function options(chart: Chart, day: string, width: number, library: { paths: { bars?: (how: object) => Series.PathBuilder } }): Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
  const bars = library.paths.bars?.({ size: [0.6, 40] });
  const language = document.documentElement.lang;
  const date = (at: number): string => new Date(at * 1000).toLocaleDateString(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  return {
    width,
    height: HEIGHT,
    cursor: { y: false },
    scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [
      { ...axis, values: (_plot, at) => at.map(date) },
      { ...axis, size: 64, values: (_plot, at) => at.map(chart.unit) },
    ],
    series: [
      { label: day, value: (_plot, at) => (at === null ? '' : date(at)) },
      ...chart.lines.map((line): Series => ({
        label: line.label,
        stroke: colour(line.colour),
        width: line.bars ? 0 : 2,
        ...(line.bars ? { fill: colour(line.colour), points: { show: false }, ...(bars ? { paths: bars } : {}) } : { points: { size: 6 } }),
        value: (_plot, value, _series, day) => {
          const told = line.told && day !== null ? line.told[day] : value;
          return typeof told === 'number' ? chart.unit(told) : '–';
        },
        spanGaps: true,
      })),
    ],
  };
}
