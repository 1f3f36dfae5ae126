import { bufferOutput } from './audio/buffer_output';
import { CLIP_RATE, type Listener, type Output } from './audio/output';
import { silentOutput } from './audio/silent_output';
import { workletOutput } from './audio/worklet_output';
import { Clock } from './clock';
import type { Lane } from './speech';

/** OBS mixes at 48 kHz; a context at the device's own rate may click or be resampled twice. */
const CONTEXT_RATE = 48_000;
/** Short enough to be at once, long enough not to click. */
const VOLUME_S = 0.01;
const OPEN_LIMIT_MS = 1_500;

export interface VoiceEvents {
  happened(lane: Lane, events: Parameters<Listener>[0]): void;
  /** The lane stopped working. */
  died(lane: Lane): void;
  /** `audible` may have changed. */
  changed(): void;
}

/** The page's loudspeaker. Where no sound may be made (yet), a silent lane keeps the show in time. */
export class Voice {
  private readonly silent: Lane;
  private loud: Lane | null = null;
  private context: AudioContext | null = null;
  private gain: GainNode | null = null;
  private owner = false;
  private onThread = false;

  constructor(private readonly events: VoiceEvents) {
    this.silent = this.newLane(silentOutput(() => performance.now() / 1000, (list) => events.happened(this.silent, list)), false);
  }

  /** Whether sound would be heard if there were any. */
  get audible(): boolean {
    return this.loud !== null && this.context?.state === 'running';
  }

  /** Hz; 0 where there is no sound at all. */
  get sampleRate(): number {
    return this.context?.sampleRate ?? 0;
  }

  /** Whether sound is made on the audio thread. */
  get worklet(): boolean {
    return this.onThread;
  }

  /** Where the next utterance goes. */
  lane(): Lane {
    return this.audible && this.loud ? this.loud : this.silent;
  }

  /** Makes the loudspeaker ready, or gives up waiting: a browser may want a click first. Never rejects. */
  async open(): Promise<void> {
    try {
      const context = new AudioContext({ sampleRate: CONTEXT_RATE, latencyHint: 'interactive' });
      this.context = context;
      this.gain = context.createGain();
      this.gain.gain.value = this.owner ? 1 : 0;
      this.gain.connect(context.destination);
      context.onstatechange = () => this.stateChanged();
      const ready = this.connect(context, this.gain);
      await Promise.race([ready, new Promise((resolve) => window.setTimeout(resolve, OPEN_LIMIT_MS))]);
    } catch {
      // No sound device or no Web Audio: the show goes on without sound, and `stats` says so.
      this.context = null;
    }
    this.events.changed();
  }

  /** Tries to start a context that the browser holds back. */
  wake(): void {
    if (this.context && this.context.state !== 'running') void this.context.resume().catch(() => undefined);
  }

  /** Only the owner is heard; the others play along at volume zero, so the voice can pass over in mid-word. */
  setOwner(owner: boolean): void {
    this.owner = owner;
    if (this.context && this.gain) this.gain.gain.setTargetAtTime(owner ? 1 : 0, this.context.currentTime, VOLUME_S / 3);
  }

  private async connect(context: AudioContext, target: AudioNode): Promise<void> {
    const listener: Listener = (events) => {
      if (this.loud) this.events.happened(this.loud, events);
    };
    let output: Output;
    try {
      output = await workletOutput(context, target, listener);
      this.onThread = true;
    } catch {
      output = bufferOutput(context, target, listener);
    }
    this.loud = this.newLane(output, true);
    this.events.changed();
  }

  private stateChanged(): void {
    if (this.loud && this.context?.state !== 'running') this.events.died(this.loud);
    this.events.changed();
  }

  private newLane(output: Output, audible: boolean): Lane {
    return { output, audible, clock: new Clock(CLIP_RATE) };
  }
}
