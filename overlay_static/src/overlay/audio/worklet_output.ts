import ringUrl from './ring.worklet.ts?worker&url';
import { CLIP_RATE, latencyOf, type Listener, type Output, type RingOrder } from './output';
import type { RingEvent } from './ring';

/** The normal way: the ring on the audio thread. Rejects where the worklet cannot be loaded. */
export async function workletOutput(context: AudioContext, target: AudioNode, listener: Listener): Promise<Output> {
  await context.audioWorklet.addModule(ringUrl);
  const node = new AudioWorkletNode(context, 'ring', {
    numberOfInputs: 0,
    outputChannelCount: [1],
    processorOptions: { clipRate: CLIP_RATE },
  });
  node.port.onmessage = (message: MessageEvent<RingEvent[]>) => listener(message.data);
  node.connect(target);
  return {
    order: (order: RingOrder) => node.port.postMessage(order, order.do === 'push' ? [order.samples.buffer] : []),
    heardAt: () => context.currentTime - latencyOf(context),
    tick: () => undefined,
  };
}
