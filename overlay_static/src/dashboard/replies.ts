import { filled, since } from './queue_words';
import { decidedOf, repliesOf, type Draft, type Held, type Replies } from './reply_words';

interface Labels {
  readonly kinds: Record<string, string>;
  readonly decided: Record<string, string>;
}

const TICK_MS = 500;
/** How long the page says what became of a reply. */
const TOLD_MS = 20_000;

/** What she has not said yet: replies to approve, and sentences that are held back and may still be taken away. */
export class RepliesPanel {
  private readonly labels: Labels;
  private readonly rows = new Map<string, HTMLElement>();
  private readonly title = document.title;
  private replies: Replies = { fence: 0, clock: 0, asks: false, seconds: 0, drafts: [], held: [] };
  /** Seconds by which the run's clock is ahead of this page's. */
  private ahead = 0;
  private forget = 0;

  constructor(
    private readonly held: HTMLElement,
    private readonly drafts: HTMLElement,
    private readonly live: () => boolean,
  ) {
    this.labels = JSON.parse(document.getElementById('queue-labels')?.textContent ?? '{}') as Labels;
    window.setInterval(() => document.hidden || this.tick(), TICK_MS);
    document.addEventListener('keydown', (event) => this.pressed(event));
    for (const panel of [held, drafts]) panel.addEventListener('submit', (event) => this.sent(event));
  }

  /** The run told of its replies, or of what became of one. */
  take(word: Readonly<Record<string, unknown>>): void {
    const decided = decidedOf(word);
    if (decided) {
      this.tell(filled(this.labels.decided[decided.word] ?? '', { name: decided.by, chatter: decided.name }));
      return;
    }
    const replies = repliesOf(word);
    if (!replies || replies.fence < this.replies.fence) return;
    this.replies = replies;
    if (replies.clock) this.ahead = replies.clock - Date.now() / 1000;
    this.draw();
  }

  /** While she is not live nothing waits. */
  stateChanged(): void {
    if (!this.live()) this.replies = { ...this.replies, asks: false, drafts: [], held: [] };
    this.draw();
  }

  private draw(): void {
    const { drafts, held, asks } = this.replies;
    const lost = this.lostFocus();
    this.fill(this.drafts, '[data-drafts-list]', drafts.map((draft) => this.draft(draft)));
    this.fill(this.held, '[data-held-list]', held.map((reply) => this.heldReply(reply)));
    const kept = new Set([...drafts.map(({ id }) => `draft ${id}`), ...held.map(({ id }) => `held ${id}`)]);
    for (const name of this.rows.keys()) if (!kept.has(name)) this.rows.delete(name);
    const count = part(this.drafts, '[data-drafts-count]');
    count.textContent = String(drafts.length);
    count.hidden = drafts.length === 0;
    part(this.drafts, '[data-drafts-empty]').hidden = drafts.length > 0;
    this.held.hidden = held.length === 0;
    this.drafts.hidden = drafts.length === 0 && !asks && !part(this.drafts, '[data-decided]').textContent;
    document.title = drafts.length ? `(${drafts.length}) ${this.title}` : this.title;
    this.tick();
    // On the row and not on its button: whoever presses twice must not decide on what they have not read.
    if (lost()) (this.drafts.querySelector<HTMLElement>('[data-drafts-list] li') ?? document.getElementById('main'))?.focus();
  }

  private lostFocus(): () => boolean {
    const row = Array.from(this.rows.values()).find((each) => each.contains(document.activeElement));
    return () => row !== undefined && !row.isConnected;
  }

  private fill(panel: HTMLElement, place: string, rows: readonly HTMLElement[]): void {
    const list = part(panel, place);
    for (const old of Array.from(list.children)) if (!rows.includes(old as HTMLElement)) old.remove();
    rows.forEach((row, index) => {
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    });
  }

  private draft(draft: Draft): HTMLElement {
    const row = this.row(`draft ${draft.id}`, this.drafts, '[data-drafts-entry]');
    const kind = this.labels.kinds[draft.kind] ?? '';
    say(row, '[data-name]', draft.name);
    say(row, '[data-kind]', kind && draft.amount ? `${kind}: ${draft.amount}` : kind);
    say(row, '[data-asked]', draft.text);
    say(row, '[data-reply]', draft.reply);
    const rule = part(row, '[data-rule]');
    say(row, '[data-rule]', draft.rule && filled(rule.dataset.text ?? '', { rule: draft.rule }));
    part(row, '[data-paid]').hidden = !draft.paid;
    row.dataset.until = String(draft.ends);
    this.forms(row, draft.name, { turn: draft.id }, draft.paid);
    return row;
  }

  private heldReply(reply: Held): HTMLElement {
    const row = this.row(`held ${reply.id}`, this.held, '[data-held-entry]');
    say(row, '[data-name]', reply.name);
    say(row, '[data-sentences]', reply.sentences.join(' '));
    row.dataset.until = reply.leaves ? String(reply.leaves) : '';
    this.forms(row, reply.name, { turn: reply.id, first: String(reply.first) }, false);
    return row;
  }

  private row(name: string, panel: HTMLElement, template: string): HTMLElement {
    let row = this.rows.get(name);
    if (!row) {
      row = part<HTMLTemplateElement>(panel, template).content.firstElementChild!.cloneNode(true) as HTMLElement;
      this.rows.set(name, row);
    }
    return row;
  }

  private forms(row: HTMLElement, name: string, values: Readonly<Record<string, string>>, paid: boolean): void {
    for (const form of row.querySelectorAll('form')) {
      for (const [field, value] of Object.entries(values)) {
        const input = form.querySelector<HTMLInputElement>(`[name=${field}]`);
        if (input) input.value = value;
      }
      const button = form.querySelector('button')!;
      button.setAttribute('aria-label', filled(button.dataset.label ?? '', { name }));
      if (button.dataset.titlePaid) button.title = paid ? button.dataset.titlePaid : '';
    }
  }

  /** What is left of each time. */
  private tick(): void {
    const now = Date.now() / 1000 + this.ahead;
    for (const row of this.rows.values()) {
      const until = Number(row.dataset.until);
      const left = Math.max(0, until - now);
      const tag = part(row, '[data-left]');
      const time = since(Math.ceil(left), document.documentElement.lang);
      say(row, '[data-left]', until ? filled(tag.dataset.text ?? '', { time }) : '');
      const bar = row.querySelector<HTMLProgressElement>('[data-time]');
      if (!bar) continue;
      bar.max = this.replies.seconds || 1;
      bar.value = left;
    }
  }

  private tell(words: string): void {
    part(this.drafts, '[data-decided]').textContent = words;
    window.clearTimeout(this.forget);
    this.forget = window.setTimeout(() => {
      part(this.drafts, '[data-decided]').textContent = '';
      this.draw();
    }, TOLD_MS);
    this.draw();
  }

  /** One click is enough; a second one would be about what is gone. */
  private sent(event: Event): void {
    const row = (event.target as HTMLElement).closest('li');
    for (const button of row?.querySelectorAll('button') ?? []) button.setAttribute('aria-disabled', 'true');
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.defaultPrevented || event.repeat || typing(event.target)) return;
    this.held.querySelector<HTMLFormElement>('[data-held-list] form')?.requestSubmit();
  }
}

/** Esc means something else there. */
function typing(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('select, input, textarea, dialog[open]') !== null;
}

function part<T extends HTMLElement>(ground: HTMLElement, selector: string): T {
  return ground.querySelector<T>(selector)!;
}

function say(row: HTMLElement, selector: string, text: string): void {
  const element = part(row, selector);
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === '';
}
