/** What the run tells of its queue. Checked here; what is drawn, in `queue.ts`. Pure. */

export interface Waiting {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly amount: number;
  /** A tip as it is written, such as €4.50. */
  readonly given: string;
  readonly text: string;
  readonly paid: boolean;
  /** Unix seconds; null for what is answered now. */
  readonly at: number | null;
  readonly why: string;
  readonly chatters: number;
  readonly chosen: boolean;
  readonly state: string;
  /** Who approved the reply, where each of them is approved first. */
  readonly by: string;
}

export interface Queue {
  readonly fence: number;
  readonly now: readonly Waiting[];
  readonly waiting: readonly Waiting[];
  readonly more: number;
}

export function queueOf(body: Readonly<Record<string, unknown>>): Queue | null {
  if (body.t !== 'queue' || typeof body.fence !== 'number') return null;
  return { fence: body.fence, now: entries(body.now), waiting: entries(body.waiting), more: Number(body.more) || 0 };
}

function entries(value: unknown): Waiting[] {
  if (!Array.isArray(value)) return [];
  return (value as Record<string, unknown>[]).map((entry) => ({
    id: String(entry.id),
    name: String(entry.name),
    kind: String(entry.kind),
    amount: Number(entry.amount) || 0,
    given: String(entry.given ?? ''),
    text: String(entry.text),
    paid: entry.paid === true,
    at: typeof entry.at === 'number' ? entry.at : null,
    why: String(entry.why ?? ''),
    chatters: Number(entry.chatters) || 1,
    chosen: entry.chosen === true,
    state: String(entry.state ?? ''),
    by: String(entry.by ?? ''),
  }));
}

/** `text` with what stands in for `{name}`. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

const formats = new Map<string, Intl.NumberFormat>();

/** Kept, since each row asks for one each second and it is slow to make. */
function format(language: string, unit: 'second' | 'minute'): Intl.NumberFormat {
  const name = `${language} ${unit}`;
  const known = formats.get(name) ?? new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' });
  formats.set(name, known);
  return known;
}

/** A length of time in the reader's language: seconds, from a minute on minutes. */
export function since(seconds: number, language: string): string {
  if (seconds < 60) return format(language, 'second').format(Math.max(0, Math.floor(seconds)));
  return format(language, 'minute').format(Math.floor(seconds / 60));
}
