import { backoffMs } from '../overlay/backoff';

/** What the house tells a dashboard; more fields may stand in it. */
export interface Word {
  readonly t: string;
  readonly state?: string;
  readonly [more: string]: unknown;
}

const NOT_OURS = 4404;

/** The dashboard's socket: opens again for ever, except where the channel is not ours. */
export class DashboardSocket {
  private attempts = 0;
  private socket: WebSocket | null = null;

  constructor(
    private readonly url: string,
    private readonly take: (word: Word) => void,
    private readonly lost: (forGood: boolean) => void,
  ) {
    this.open();
  }

  /** Asks for the present state, and tells that somebody still looks. */
  ask(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('?');
  }

  private open(): void {
    const socket = (this.socket = new WebSocket(this.url));
    socket.addEventListener('message', (event: MessageEvent<string>) => {
      this.attempts = 0;
      this.take(JSON.parse(event.data) as Word);
    });
    socket.addEventListener('close', (event) => {
      const forGood = event.code === NOT_OURS;
      this.lost(forGood);
      if (!forGood) window.setTimeout(() => this.open(), backoffMs(this.attempts++, Math.random()));
    });
  }
}
