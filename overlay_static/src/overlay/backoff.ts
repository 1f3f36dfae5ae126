/** How long to wait before the next try to connect. Pure: chance is given, a number in [0, 1). */

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const REFUSED_MS = 60_000;
const REFUSALS = new Set(['revoked', 'suspended', 'bad_key']);
const REFUSAL_CODES = new Set([4401, 4403]);

/** ms before try number `attempt` (from 0): half a second, doubling to half a minute, with a quarter of jitter to both sides. */
export function backoffMs(attempt: number, random: number): number {
  const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.min(LONGEST_MS, base * (0.75 + random * 0.5));
}

/** ms before the next try after the server said no: knocking oftener would not change its mind. */
export function refusedMs(random: number): number {
  return REFUSED_MS * (1 + random * 0.25);
}

/** Whether the server closed for a reason that will not pass by itself; `reason` is that of `bye`, if there was one. */
export function isRefusal(reason: string | null, closeCode: number): boolean {
  return reason === null ? REFUSAL_CODES.has(closeCode) : REFUSALS.has(reason);
}
