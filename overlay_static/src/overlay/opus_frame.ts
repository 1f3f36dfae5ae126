/** One binary frame of Opus behind its header (docs/overlay-protocol.md). */
export interface OpusFrame {
  /** Sample of the utterance at which its sound begins. */
  readonly at: number;
  /** Above 0 a new stream begins: so many samples of its decoder's output are left out. */
  readonly skip: number;
  /** How much sound it brings. */
  readonly samples: number;
  readonly packets: readonly Uint8Array[];
}

const HEAD_BYTES = 8;

/** The frame, or null when it is cut short. */
export function unpack(body: Uint8Array): OpusFrame | null {
  if (body.byteLength < HEAD_BYTES) return null;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const packets: Uint8Array[] = [];
  for (let place = HEAD_BYTES; place < body.byteLength; ) {
    if (place + 2 > body.byteLength) return null;
    const end = place + 2 + view.getUint16(place, true);
    if (end > body.byteLength) return null;
    packets.push(body.subarray(place + 2, end));
    place = end;
  }
  return { at: view.getUint32(0, true), skip: view.getUint16(4, true), samples: view.getUint16(6, true), packets };
}
