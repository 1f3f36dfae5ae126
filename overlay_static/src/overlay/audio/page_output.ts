import { CLIP_RATE, latencyOf, type Listener, type Output, type RingOrder } from './output';
import { Ring } from './ring';
import { carryOut } from './ring_orders';

/** Frames the page computes at a time: long enough to survive a busy page, short enough to start soon. */
const BLOCK = 2048;

/**
 * The way for pages without AudioWorklet (plain http in a local network): the same ring on the page's own thread. The script
 * node is deprecated, but it is there exactly where the worklet is not, and it is not throttled as timers are.
 */
export function pageOutput(context: AudioContext, target: AudioNode, listener: Listener): Output {
  const ring = new Ring(CLIP_RATE, context.sampleRate);
  const node = context.createScriptProcessor(BLOCK, 1, 1);
  const report = (): void => {
    const events = ring.takeEvents();
    if (events.length > 0) listener(events);
  };
  node.onaudioprocess = (event) => {
    ring.process(event.outputBuffer.getChannelData(0), event.playbackTime);
    report();
  };
  node.connect(target);
  return {
    order(order: RingOrder) {
      carryOut(ring, order, context.currentTime);
      report();
    },
    heardAt: () => context.currentTime - latencyOf(context),
    tick: () => undefined,
  };
}
