import { CLIP_RATE } from './audio/output';
import { Envelope, MouthTimeline, SHUT, type Mouth } from './mouth';
import { Sentences } from './sentences';

/** What the page knows of one utterance: its mouth, its sentences, which of its frames came. */
export class Utterance {
  readonly mouth = new MouthTimeline();
  readonly sentences = new Sentences();
  private readonly envelope = new Envelope(CLIP_RATE);
  /** Frames before `next` that have not come. */
  private readonly absent = new Set<number>();
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
  ) {}

  /** The number of the first frame that has not come. */
  get needs(): number {
    return Math.min(...this.absent, this.next);
  }

  /** Whether the frame is new. `hole` is the first number that is missing, when this frame reveals one. */
  admit(seq: number): { fresh: boolean; hole: number | null } {
    const next = this.next;
    if (seq < next) return { fresh: this.absent.delete(seq), hole: null };
    const hole = seq > next ? next : null;
    for (let number = next; number < seq && this.absent.size < 1000; number++) this.absent.add(number);
    this.next = seq + 1;
    return { fresh: true, hole };
  }

  heardSound(offset: number, samples: Int16Array): void {
    this.envelope.add(offset, samples);
    this.length = Math.max(this.length, offset + samples.length);
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
