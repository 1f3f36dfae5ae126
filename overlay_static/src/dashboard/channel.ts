import { post, Refusal } from './api';
import { overlayUrl } from './overlay_url';
import { swapParts } from './live';
import { Offsets } from './offsets';
import { localTimes } from './times';
import { QueuePanel } from './queue';
import { RepliesPanel } from './replies';
import { DashboardSocket, type Word } from './socket';
import { talkBox } from './talk';

/** Several words in a row are answered by one look at the server. */
const REFRESH_MS = 150;
/** The ages of keys and presences change without a word. A page may ask for another number of seconds. */
const LOOK_AGAIN_S = 30;

export function channelPage(): void {
  const ground = document.querySelector<HTMLElement>('[data-channel]');
  if (ground) new ChannelPage(ground);
}

class ChannelPage {
  private readonly labels: Record<string, string>;
  private readonly seen = new Map<string, string>();
  private readonly queue: QueuePanel | null;
  private readonly replies: RepliesPanel | null;
  private readonly offsets: Offsets;
  private state = '';
  private timer = 0;

  constructor(private readonly ground: HTMLElement) {
    this.labels = JSON.parse(document.getElementById('state-labels')?.textContent ?? '{}') as Record<string, string>;
    ground.addEventListener('submit', (event) => void this.submitted(event));
    this.offsets = new Offsets(ground, `${this.api}mouth-offset/`, () => this.refreshSoon());
    talkBox(ground);
    localTimes(ground);
    overlayUrl(ground, this.api, () => this.refreshSoon());
    const queue = ground.querySelector<HTMLElement>('[data-queue]');
    const live = (): boolean => this.pill?.dataset.state !== 'offline';
    this.queue = queue && new QueuePanel(queue, live);
    const held = ground.querySelector<HTMLElement>('[data-held]');
    const drafts = ground.querySelector<HTMLElement>('[data-drafts]');
    this.replies = held && drafts && new RepliesPanel(held, drafts, live);
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const address = `${scheme}://${location.host}/ws/channel/${ground.dataset.channel}/`;
    // An operator who looks through the broadcaster's eyes is let see pages and no socket.
    const isLooking = document.querySelector('.looking') !== null;
    const socket = new DashboardSocket(address, (word) => this.take(word), (forGood) => forGood && !isLooking && location.reload());
    const seconds = Number(ground.dataset.lookAgain ?? LOOK_AGAIN_S);
    window.setInterval(() => {
      if (document.hidden) return;
      this.refreshSoon();
      socket.ask();
    }, seconds * 1000);
  }

  private get api(): string {
    return this.ground.dataset.api ?? '';
  }

  private get pill(): HTMLElement | null {
    return this.ground.querySelector<HTMLElement>('[data-pill]');
  }

  private take(word: Word): void {
    this.replies?.take(word);
    if (this.queue?.take(word) || word.t === 'decided') return;
    if (word.state) {
      this.state = word.state;
      this.showState();
      this.queue?.stateChanged();
      this.replies?.stateChanged();
    }
    this.refreshSoon();
  }

  private showState(): void {
    const { pill } = this;
    const text = pill?.querySelector('span');
    if (!pill || !text || !this.state || pill.dataset.state === this.state) return;
    pill.dataset.state = this.state;
    text.textContent = this.labels[this.state] ?? this.state;
  }

  private refreshSoon(): void {
    if (!this.timer) this.timer = window.setTimeout(() => void this.refresh(), REFRESH_MS);
  }

  private async refresh(): Promise<void> {
    this.timer = 0;
    try {
      const response = await fetch(this.ground.dataset.live ?? '');
      // A slider under somebody's hand is not taken away; it asks again when it is let go.
      if (!response.ok || response.redirected || this.offsets.held) return;
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      swapParts(this.ground, page, this.seen);
      localTimes(this.ground);
      this.showState();
    } catch {
      // The socket comes back by itself and asks again.
    }
  }

  /** Sends a form to the API in place of loading the page; the plain form is what happens without this script. */
  private async submitted(event: SubmitEvent): Promise<void> {
    const form = event.target as HTMLFormElement;
    const command = form.dataset.send;
    if (!command || form.hasAttribute('data-talk')) return;
    event.preventDefault();
    try {
      await post(this.api + command, new FormData(form));
      this.state = '';
      this.tell(form.dataset.done);
      this.refreshSoon();
    } catch (error) {
      // Loading the page says what is wrong in the reader's language.
      if (error instanceof Refusal) form.submit();
      else throw error;
    }
  }
  private tell(done: string | undefined): void {
    const told = this.ground.querySelector<HTMLElement>('[data-told]');
    if (told && done) told.textContent = done;
  }
}
