/** What the run tells of replies that are not heard yet. Checked here; what is drawn, in `replies.ts`. Pure. */

export interface Draft {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly amount: number;
  readonly text: string;
  readonly paid: boolean;
  readonly reply: string;
  /** Unix seconds by the run's clock. */
  readonly ends: number;
  readonly rule: string;
}

export interface Held {
  readonly id: string;
  readonly name: string;
  readonly sentences: readonly string[];
  /** Number of the first sentence that is held back. */
  readonly first: number;
  /** Unix seconds by the run's clock; 0 while it is not known. */
  readonly leaves: number;
}

export interface Replies {
  readonly fence: number;
  /** The run's clock when it told, Unix seconds. */
  readonly clock: number;
  /** Whether each reply is approved first. */
  readonly asks: boolean;
  readonly seconds: number;
  readonly drafts: readonly Draft[];
  readonly held: readonly Held[];
}

export interface Decided {
  readonly word: string;
  readonly by: string;
  readonly name: string;
}

export function repliesOf(body: Readonly<Record<string, unknown>>): Replies | null {
  if (body.t !== 'queue' || typeof body.fence !== 'number') return null;
  return {
    fence: body.fence,
    clock: Number(body.clock) || 0,
    asks: body.asks === true,
    seconds: Number(body.seconds) || 0,
    drafts: rows(body.drafts).map((row) => ({
      id: String(row.id),
      name: String(row.name),
      kind: String(row.kind ?? ''),
      amount: Number(row.amount) || 0,
      text: String(row.text ?? ''),
      paid: row.paid === true,
      reply: String(row.reply ?? ''),
      ends: Number(row.ends) || 0,
      rule: String(row.rule ?? ''),
    })),
    held: rows(body.held).map((row) => ({
      id: String(row.id),
      name: String(row.name),
      sentences: Array.isArray(row.sentences) ? row.sentences.map(String) : [],
      first: Number(row.first) || 0,
      leaves: Number(row.leaves) || 0,
    })),
  };
}

export function decidedOf(body: Readonly<Record<string, unknown>>): Decided | null {
  if (body.t !== 'decided') return null;
  return { word: String(body.word), by: String(body.by ?? ''), name: String(body.name ?? '') };
}

function rows(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}
