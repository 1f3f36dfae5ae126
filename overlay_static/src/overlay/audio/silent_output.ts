import { CLIP_RATE, type Listener, type Output, type RingOrder } from './output';
import { Ring } from './ring';
import { carryOut } from './ring_orders';

const BLOCK = 480;
/** A page that was hidden for longer than this does not live through what it missed. */
const CATCH_UP_S = 60;

/** Plays clips to nobody: the same clock and events as sound would give, for pages that do not own the voice. */
export function silentOutput(now: () => number, listener: Listener): Output {
  const ring = new Ring(CLIP_RATE, CLIP_RATE);
  const block = new Float32Array(BLOCK);
  let played = now();
  const tick = (): void => {
    const until = now();
    if (ring.idle) played = until;
    played = Math.max(played, until - CATCH_UP_S);
    while (played + BLOCK / CLIP_RATE <= until) {
      ring.process(block, played);
      played += BLOCK / CLIP_RATE;
    }
    const events = ring.takeEvents();
    if (events.length > 0) listener(events);
  };
  return {
    order(order: RingOrder) {
      tick();
      carryOut(ring, order, now());
      tick();
    },
    heardAt: now,
    tick,
  };
}
