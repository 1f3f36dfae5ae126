import { backoffMs, isRefusal, refusedMs } from './backoff';
import { decodeFrame, decodeMessage, type AudioFrame, type PageMessage, type ServerMessage } from './protocol';

/** A try that is not open by then is given up. */
const OPEN_LIMIT_MS = 10_000;
/** A connection that lived this long was a good one: the next waiting starts from the shortest again. */
const STEADY_MS = 5_000;

export interface SocketEvents {
  /** What to say first on every new connection. */
  hello(): PageMessage;
  message(message: ServerMessage): void;
  frame(frame: AudioFrame): void;
  lost(): void;
}

/** The page's one connection. It reconnects for ever. */
export class Socket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private openedAt = 0;
  private reason: string | null = null;
  private backlog = 0;
  private retry: number | undefined;

  constructor(
    private readonly url: string,
    private readonly events: SocketEvents,
  ) {
    window.addEventListener('online', () => this.connect());
  }

  get open(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  connect(): void {
    if (this.socket) return;
    window.clearTimeout(this.retry);
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.reason = null;
    this.backlog = 0;
    socket.binaryType = 'arraybuffer';
    const openLimit = window.setTimeout(() => socket.close(), OPEN_LIMIT_MS);
    socket.onopen = () => {
      window.clearTimeout(openLimit);
      this.openedAt = performance.now();
      this.send(this.events.hello());
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (socket === this.socket) this.receive(event.data);
    };
    socket.onclose = (event) => {
      window.clearTimeout(openLimit);
      if (socket === this.socket) this.ended(event.code);
    };
  }

  /** Connects anew at once, whatever stood in the way before. */
  again(): void {
    const old = this.socket;
    this.socket = null;
    old?.close();
    this.attempt = 0;
    this.connect();
  }

  send(message: PageMessage): void {
    if (this.open) this.socket?.send(JSON.stringify(message));
  }

  /** Called regularly: a connection that takes nothing any more is dead, though nobody said so. */
  checkLiving(): void {
    const socket = this.socket;
    if (!socket || !this.open) return;
    if (socket.bufferedAmount > 0 && socket.bufferedAmount >= this.backlog && this.backlog > 0) {
      socket.close();
      this.ended(1006);
      return;
    }
    this.backlog = socket.bufferedAmount;
  }

  private receive(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') {
      const frame = decodeFrame(data);
      if (frame) this.events.frame(frame);
      return;
    }
    const message = decodeMessage(data);
    if (!message) return;
    if (message.t === 'bye') this.reason = message.reason;
    this.events.message(message);
  }

  private ended(code: number): void {
    if (this.openedAt > 0 && performance.now() - this.openedAt > STEADY_MS) this.attempt = 0;
    this.openedAt = 0;
    this.socket = null;
    const wait = isRefusal(this.reason, code) ? refusedMs(Math.random()) : backoffMs(this.attempt++, Math.random());
    this.retry = window.setTimeout(() => this.connect(), wait);
    this.events.lost();
  }
}
