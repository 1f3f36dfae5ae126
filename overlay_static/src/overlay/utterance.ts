import { CLIP_RATE } from './audio/output';
import { Coverage } from './coverage';
import type { Decoding } from './decoding';
import { Joins } from './joins';
import { Envelope, MouthTimeline, SHUT, type Mouth } from './mouth';
import type { Encoding } from './protocol';
import { Sentences } from './sentences';

/** Sound that was not there before. */
export interface Piece {
  readonly offset: number;
  readonly samples: Int16Array;
}

/** What the page knows of one utterance: its mouth, its sentences, which of its sound came. */
export class Utterance {
  readonly mouth = new MouthTimeline();
  readonly sentences = new Sentences();
  private coding: Encoding = 'pcm_s16le';
  /** Where the decoder's last sound ended. */
  private decoded = 0;
  /** Whether this connection said so: another one may send another coding. */
  announced = true;
  /** What makes sound of its frames; null while they are PCM. */
  decoding: Decoding | null = null;
  private readonly envelope = new Envelope(CLIP_RATE);
  private readonly coverage = new Coverage();
  private readonly joins = new Joins();
  /** Samples at which frames begin. */
  private readonly begins = new Map<number, number>();
  /** The first frame that may not be whole. */
  private first: number;
  private total: number | null = null;
  /** Samples known so far, counted from the first. */
  length = 0;

  constructor(
    readonly clip: number,
    readonly fence: number,
    readonly utt: number,
    readonly turn: string,
    /** The first frame it needs: above 0 when the page comes in the middle. */
    private next: number,
  ) {
    this.first = next;
  }

  get enc(): Encoding {
    return this.coding;
  }

  set enc(coding: Encoding) {
    if (coding !== this.coding) this.joins.codedAnew();
    this.coding = coding;
  }

  /** The number of the first frame whose sound is not wholly here. */
  get needs(): number {
    const begin = this.begins.get(this.first);
    if (begin === undefined) return this.first;
    const end = this.coverage.runsTo(begin);
    while ((this.begins.get(this.first + 1) ?? Infinity) <= end) this.begins.delete(this.first++);
    return this.first;
  }

  /** Takes note of a frame that begins at `offset`. Returns the first number that is missing, when this frame reveals one. */
  admit(seq: number, offset: number): number | null {
    if (seq >= this.first) this.begins.set(seq, offset);
    const hole = seq > this.next ? this.needs : null;
    this.next = Math.max(this.next, seq + 1);
    return hole;
  }

  /** Sound of the utterance from `offset` on; what of it is new. `seq`: the frame that begins where this sound ends. */
  heardSound(offset: number, samples: Int16Array, seq?: number): Piece[] {
    const end = offset + samples.length;
    // A decoder that does not go on where it was says what was coded once more.
    if (this.coding !== 'pcm_s16le' && offset !== this.decoded) this.joins.codedAnew();
    this.decoded = end;
    if (seq !== undefined && seq >= this.first) this.begins.set(seq, end);
    const pieces = this.coverage.add(offset, end).map(([from, to]) => ({ offset: from, samples: this.joins.fit(offset, samples, from, to) }));
    for (const piece of pieces) this.envelope.add(piece.offset, piece.samples);
    this.length = Math.max(this.length, end);
    return pieces;
  }

  /** All frames before `seq` were sent, `samples` of sound. */
  sent(seq: number, samples: number): void {
    if (seq >= this.first) this.begins.set(seq, samples);
  }

  /** Whether its length is known. */
  get ended(): boolean {
    return this.total !== null;
  }

  end(total: number): void {
    this.total = total;
  }

  /** The mouth at `ms`: by its keys, by loudness while there are none, shut before the beginning and after the end. */
  mouthAt(ms: number): Mouth {
    if (ms < 0 || (this.total !== null && ms >= (this.total / CLIP_RATE) * 1000)) return SHUT;
    if (this.mouth.empty) return this.envelope.at(ms);
    return this.mouth.at(ms) ?? SHUT;
  }
}
