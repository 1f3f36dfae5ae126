/** Which samples of an utterance are here, however they came: in order, late, twice, in pieces that overlap. */
export class Coverage {
  /** Begin and end of what is here, in order; no two touch. */
  private spans: (readonly [number, number])[] = [];

  /** Takes in [begin, end) and returns the parts of it that are new. */
  add(begin: number, end: number): (readonly [number, number])[] {
    if (end <= begin) return [];
    const fresh: (readonly [number, number])[] = [];
    let at = begin;
    for (const [from, to] of this.spans) {
      if (to <= at) continue;
      if (from >= end) break;
      if (from > at) fresh.push([at, from]);
      at = to;
    }
    if (at < end) fresh.push([at, end]);
    const touching = this.spans.filter(([from, to]) => from <= end && to >= begin);
    const merged = [Math.min(begin, ...touching.map(([from]) => from)), Math.max(end, ...touching.map(([, to]) => to))] as const;
    this.spans = [...this.spans.filter(([, to]) => to < begin), merged, ...this.spans.filter(([from]) => from > end)];
    return fresh;
  }

  /** Where the sound that runs on from this sample ends; the sample itself when it is not here. */
  runsTo(sample: number): number {
    return this.spans.find(([from, to]) => from <= sample && sample < to)?.[1] ?? sample;
  }
}
