const RETRY_MS = 10_000;
const REMEMBER = 'aigirl-reloaded-for';

/**
 * Loads a newer build when nothing is going on and the server surely answers: a browser source that fails to load stays blank
 * for ever. Each build is tried once, or a server that names builds wrongly would have the page reload without end.
 */
export class Reloader {
  private wanted: string | null = null;

  constructor(
    private readonly build: string,
    private readonly idle: () => boolean,
  ) {}

  want(build: string): void {
    if (!build || build === this.build || build === remembered()) return;
    if (this.wanted === null) window.setTimeout(() => void this.attempt(), 0);
    this.wanted = build;
  }

  private async attempt(): Promise<void> {
    if (this.idle() && (await answers()) && this.idle()) {
      remember(this.wanted ?? '');
      location.reload();
      return;
    }
    window.setTimeout(() => void this.attempt(), RETRY_MS * (0.75 + Math.random() / 2));
  }
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch(location.pathname, { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(REMEMBER);
  } catch {
    return null;
  }
}

function remember(build: string): void {
  try {
    sessionStorage.setItem(REMEMBER, build);
  } catch {
    // Without storage the worst case is a second reload.
  }
}
