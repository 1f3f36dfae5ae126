import { Ring } from './ring';
import type { RingOrder } from './output';
import { carryOut } from './ring_orders';

declare const sampleRate: number;
declare const currentTime: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
  constructor(options?: { processorOptions?: unknown });
}
declare function registerProcessor(name: string, processor: new (options: never) => AudioWorkletProcessor): void;

/** The ring on the audio thread: orders come in, events go out, nothing else is allocated or decided here. */
class RingProcessor extends AudioWorkletProcessor {
  private readonly ring: Ring;

  constructor(options: { processorOptions: { clipRate: number } }) {
    super(options);
    this.ring = new Ring(options.processorOptions.clipRate, sampleRate);
    this.port.onmessage = (message: MessageEvent<RingOrder>) => {
      carryOut(this.ring, message.data, currentTime);
      this.report();
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const channel = outputs[0]?.[0];
    if (channel) this.ring.process(channel, currentTime);
    this.report();
    return true;
  }

  private report(): void {
    const events = this.ring.takeEvents();
    if (events.length > 0) this.port.postMessage(events);
  }
}

registerProcessor('ring', RingProcessor);
