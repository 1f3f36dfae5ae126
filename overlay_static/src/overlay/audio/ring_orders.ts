import type { RingOrder } from './output';
import type { Ring } from './ring';

/** Carries out an order on a ring that lives on the page's own thread. */
export function carryOut(ring: Ring, order: RingOrder, now: number): void {
  if (order.do === 'begin') ring.begin(order.clip, order.from, order.cushion, now);
  else if (order.do === 'push') ring.push(order.clip, order.offset, order.samples, now);
  else if (order.do === 'end') ring.end(order.clip, order.total, now);
  else if (order.do === 'skip') ring.skip(order.clip, order.to, now);
  else ring.interrupt(order.clip, now);
}
