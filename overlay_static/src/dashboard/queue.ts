import { filled, queueOf, since, type Queue, type Waiting } from './queue_words';

interface Labels extends Record<'kinds' | 'why' | 'states', Record<string, string>> {
  readonly approved: string;
}

/** How old the oldest word may be before the ages on the page are written anew. */
const AGE_MS = 1_000;

/** Who is answered and who waits. A row stays the same element while it waits, so that nothing loses the focus. */
export class QueuePanel {
  private readonly labels: Labels;
  private readonly rows = new Map<string, HTMLElement>();
  private queue: Queue = { fence: 0, now: [], waiting: [], more: 0 };

  constructor(
    private readonly panel: HTMLElement,
    private readonly live: () => boolean,
  ) {
    this.labels = JSON.parse(document.getElementById('queue-labels')?.textContent ?? '{}') as Labels;
    this.draw();
    window.setInterval(() => document.hidden || this.age(), AGE_MS);
  }

  /** Whether the word was about the queue. */
  take(word: Readonly<Record<string, unknown>>): boolean {
    const queue = queueOf(word);
    if (queue && queue.fence >= this.queue.fence) {
      this.queue = queue;
      this.draw();
      // What was paid for stands in the queue itself from now on.
      this.panel.parentElement?.setAttribute('data-queue-known', '');
    }
    return queue !== null;
  }

  /** Her state changed: while she is not live nobody waits for anything. */
  stateChanged(): void {
    if (!this.live()) {
      this.queue = { ...this.queue, now: [], waiting: [], more: 0 };
      this.panel.parentElement?.removeAttribute('data-queue-known');
    }
    this.draw();
  }

  private draw(): void {
    const { now, waiting, more } = this.queue;
    const held = document.activeElement as HTMLElement | null;
    const heldRow = held && Array.from(this.rows.values()).find((row) => row.contains(held));
    this.fill('[data-queue-now]', now);
    this.fill('[data-queue-waiting]', waiting);
    const kept = new Set([...now, ...waiting].map(({ id }) => id));
    for (const id of this.rows.keys()) if (!kept.has(id)) this.rows.delete(id);
    const count = this.part('[data-queue-count]');
    count.textContent = String(waiting.length + more);
    count.hidden = waiting.length + more === 0;
    const rest = this.part('[data-queue-more]');
    rest.textContent = filled(rest.dataset.text ?? '', { count: String(more) });
    rest.hidden = more === 0;
    for (const empty of this.panel.querySelectorAll<HTMLElement>('[data-queue-empty]'))
      empty.hidden = now.length + waiting.length > 0 || (empty.dataset.queueEmpty === 'live') !== this.live();
    this.age();
    if (held && heldRow && (document.activeElement !== held || held.hidden)) this.holdOn(held, heldRow);
  }

  /** A row that moved or went takes the focus with it: it comes back to the button, its row, or the one who waits first. */
  private holdOn(held: HTMLElement, row: HTMLElement): void {
    const inRow = row.querySelector<HTMLElement>('button:not([hidden])');
    const first = this.panel.querySelector<HTMLElement>('[data-queue-waiting] button:not([hidden])');
    (!row.isConnected ? first : held.hidden ? inRow : held)?.focus({ preventScroll: true });
  }

  private fill(place: string, entries: readonly Waiting[]): void {
    const list = this.part(place);
    const rows = entries.map((entry) => this.row(entry));
    for (const old of Array.from(list.children)) if (!rows.includes(old as HTMLElement)) old.remove();
    rows.forEach((row, index) => {
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    });
  }

  private row(entry: Waiting): HTMLElement {
    let row = this.rows.get(entry.id);
    if (!row) {
      const template = this.part<HTMLTemplateElement>('[data-queue-entry]');
      row = template.content.firstElementChild!.cloneNode(true) as HTMLElement;
      this.rows.set(entry.id, row);
    }
    const part = (name: string): HTMLElement => row.querySelector<HTMLElement>(`[data-${name}]`)!;
    const say = (name: string, text: string): void => {
      const element = part(name);
      if (element.textContent !== text) element.textContent = text;
      element.hidden = text === '';
    };
    const kind = this.labels.kinds[entry.kind] ?? '';
    say('name', entry.name);
    const amount = entry.given || entry.amount;
    say('kind', kind && amount ? `${kind}: ${amount}` : kind);
    say('text', entry.text);
    say('state', this.labels.states[entry.state] ?? '');
    say('why', this.labels.why[entry.why] ?? '');
    say('by', entry.by && filled(this.labels.approved, { name: entry.by }));
    part('paid').hidden = !entry.paid;
    part('first').hidden = !entry.chosen;
    const copies = part('copies');
    copies.hidden = entry.chatters < 2;
    copies.textContent = filled(copies.dataset.text ?? '', { count: String(entry.chatters) });
    row.dataset.at = entry.at === null ? '' : String(entry.at);
    row.classList.toggle('is-paid', entry.paid);
    row.querySelector<HTMLElement>('.queue-do')!.hidden = entry.at === null;
    for (const form of row.querySelectorAll('form')) {
      form.querySelector<HTMLInputElement>('[name=event]')!.value = entry.id;
      const button = form.querySelector('button')!;
      button.setAttribute('aria-label', filled(button.dataset.label ?? '', { name: entry.name }));
      if (button.dataset.titlePaid) button.title = entry.paid ? button.dataset.titlePaid : '';
      else button.hidden = entry.chosen;
    }
    return row;
  }

  private age(): void {
    for (const row of this.rows.values()) {
      const part = row.querySelector<HTMLElement>('[data-since]');
      if (!part) continue;
      const at = Number(row.dataset.at);
      const time = since(Date.now() / 1000 - at, document.documentElement.lang);
      const text = at ? filled(part.dataset.text ?? '', { time }) : '';
      if (part.textContent !== text) part.textContent = text;
      part.hidden = !text;
    }
  }

  private part<T extends HTMLElement>(selector: string): T {
    return this.panel.querySelector<T>(selector)!;
  }
}
