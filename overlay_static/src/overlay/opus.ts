/** Opus by the browser's own decoder. Loaded only by pages that want it. */

import { Cutter } from './audio/cutter';
import type { DecodingEvents, OpenDecoding } from './decoding';
import { unpack, type OpusFrame } from './opus_frame';

/** What Opus decodes to, whatever it was made of. */
const CONFIG: AudioDecoderConfig = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 };
const PACKET_US = 20_000;

/** A decoder takes some time to get ready: there is always one that is, so that the first sound does not wait for it. */
let ready: Ear | null = null;

export async function prepare(): Promise<boolean> {
  const supported = (await AudioDecoder.isConfigSupported(CONFIG)).supported === true;
  if (supported) ready = new Ear();
  return supported;
}

/** Each stream of an utterance gets a decoder of its own; what the one before still decodes comes first or never. */
export const openOpus: OpenDecoding = (events) => {
  let stream: Stream | null = null;
  return {
    take(body) {
      const frame = unpack(body);
      if (!frame) return;
      if (frame.skip > 0) {
        stream?.finish();
        stream = new Stream(frame, events);
      }
      stream?.take(frame);
    },
    close: () => stream?.close(),
  };
};

/** A decoder that may stand ready before anybody listens. */
class Ear {
  listener: { output(samples: Float32Array, rate: number): void; failed(): void } | null = null;
  private broken = false;
  readonly decoder = new AudioDecoder({
    output: (data) => {
      const samples = new Float32Array(data.numberOfFrames);
      data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      const { sampleRate } = data;
      data.close();
      this.listener?.output(samples, sampleRate);
    },
    error: () => {
      this.broken = true;
      this.listener?.failed();
    },
  });

  constructor() {
    this.decoder.configure(CONFIG);
  }

  get usable(): boolean {
    return !this.broken && this.decoder.state === 'configured';
  }
}

class Stream {
  private readonly cutter: Cutter;
  private readonly ear: Ear;
  private given = 0;

  constructor({ at, skip }: OpusFrame, events: DecodingEvents) {
    this.cutter = new Cutter(at, skip, (offset, samples) => events.sound(offset, samples));
    // A decoder that nobody used for long may have been taken away by the browser.
    this.ear = ready?.usable ? ready : new Ear();
    this.ear.listener = {
      output: (samples, rate) => {
        if (!this.cutter.add(samples, rate)) events.failed();
      },
      failed: () => events.failed(),
    };
    ready = new Ear();
  }

  take({ at, samples, packets }: OpusFrame): void {
    this.cutter.expect(at + samples);
    for (const data of packets) {
      if (!this.ear.usable) return;
      this.ear.decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: PACKET_US * this.given++, data }));
    }
  }

  /** No more comes; what is on its way is still heard. */
  finish(): void {
    if (!this.ear.usable) return;
    this.ear.decoder.flush().then(
      () => this.close(),
      () => undefined,
    );
  }

  close(): void {
    if (this.ear.decoder.state !== 'closed') this.ear.decoder.close();
  }
}
