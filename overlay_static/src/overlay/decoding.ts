/** Which coding of the sound this page asks for, and what it does with frames that are not PCM. */

/** Makes sound of the frames of one utterance. */
export interface Decoding {
  take(body: Uint8Array): void;
  close(): void;
}

export interface DecodingEvents {
  /** Sound of the utterance from sample `offset` on. */
  sound(offset: number, samples: Int16Array): void;
  /** It does not work after all. */
  failed(): void;
}

export type OpenDecoding = (events: DecodingEvents) => Decoding;

const OPEN_LIMIT_MS = 1_500;
const PRIVATE = /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))(\.\d+){2,3}$|^\[(::1\]|f[cd]|fe[89ab])|(^|\.)localhost$|\.local$/;

/** Whether a page of this host is near its server, where bandwidth costs nothing and coding would only cost work. */
export function isNear(hostname: string): boolean {
  return PRIVATE.test(hostname);
}

/** Whether a page at this address would rather have Opus; `enc` in the address decides for whoever wants to try. */
export function wantsOpus({ hostname, search }: Pick<Location, 'hostname' | 'search'>): boolean {
  const asked = new URLSearchParams(search).get('enc');
  return asked === null ? !isNear(hostname) : asked === 'opus';
}

/** What opens a decoder for Opus; null where PCM is better or the browser has none. Never rejects, never takes long. */
export async function opusHere(): Promise<OpenDecoding | null> {
  if (!wantsOpus(location) || !('AudioDecoder' in window)) return null;
  const tooLate = new Promise<null>((resolve) => window.setTimeout(() => resolve(null), OPEN_LIMIT_MS));
  const loaded = import('./opus').then(async ({ prepare, openOpus }) => ((await prepare()) ? openOpus : null));
  return Promise.race([loaded.catch(() => null), tooLate]);
}
