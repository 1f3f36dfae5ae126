import { CLIP_RATE, latencyOf, type Listener, type Output, type RingOrder } from './output';
import { FADE_S, Ring } from './ring';
import { carryOut } from './ring_orders';

const BLOCK_S = 0.02;
/** Scheduled ahead while she speaks, at least: the page may be kept from running for so long. */
const AHEAD_S = 0.2;
/** Between now and the first instant that can surely still be scheduled. */
const LEAD_S = 0.06;

/**
 * The way for pages without AudioWorklet (plain http in a local network): the same ring on the page's own thread, computed ahead
 * in short buffers that the audio thread plays by itself. Their times are whole frames of the context, so no two overlap.
 */
export function bufferOutput(context: AudioContext, target: AudioNode, listener: Listener): Output {
  const rate = context.sampleRate;
  const ring = new Ring(CLIP_RATE, rate);
  const size = Math.round(BLOCK_S * rate);
  const fade = Math.round(FADE_S * rate);
  const scratch = new Float32Array(fade + 1);
  const waiting = new Set<AudioBufferSourceNode>();
  let gate = openGate();
  /** Frame of the context at which the next buffer is heard. */
  let next = 0;
  let aheadSeconds = AHEAD_S;

  function openGate(): GainNode {
    const node = context.createGain();
    node.connect(target);
    return node;
  }

  function report(): void {
    const events = ring.takeEvents();
    if (events.length > 0) listener(events);
  }

  function schedule(frame: number): void {
    const buffer = context.createBuffer(1, size, rate);
    const samples = buffer.getChannelData(0);
    ring.process(samples, frame / rate);
    // Silence within speech is played as well: the end of each buffer is what has the next ones computed.
    if (!ring.sounding && samples.every((sample) => sample === 0)) return;
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(gate);
    source.onended = () => {
      waiting.delete(source);
      source.disconnect();
      fill();
    };
    waiting.add(source);
    source.start(frame / rate);
  }

  /** Computes what is due. While nothing sounds, nothing is decided ahead: sound may come at any moment. */
  function fill(): void {
    const now = context.currentTime;
    const earliest = Math.ceil((now + LEAD_S) * rate);
    if (next < earliest) {
      // The page was kept from running: what was scheduled has been played, and a pause follows.
      if (ring.sounding) ring.pause(next / rate);
      next = earliest;
    }
    while (!ring.idle && next < (now + (ring.sounding ? aheadSeconds : LEAD_S + BLOCK_S)) * rate) {
      schedule(next);
      next += size;
    }
    report();
  }

  function interrupt(order: Extract<RingOrder, { do: 'interrupt' }>): void {
    const now = context.currentTime;
    const ahead = Math.max(0, next / rate - now);
    const closing = gate;
    closing.gain.setValueAtTime(1, now);
    closing.gain.linearRampToValueAtTime(0, now + FADE_S);
    for (const source of waiting) source.stop(now + FADE_S);
    window.setTimeout(() => closing.disconnect(), 100);
    gate = openGate();
    next = Math.ceil((now + LEAD_S) * rate);
    carryOut(ring, order, now);
    ring.process(scratch, (next - fade) / rate);
    // What was computed ahead has not been heard.
    const unheard = ahead * CLIP_RATE;
    listener(ring.takeEvents().map((event) => (event.kind === 'cut' ? { ...event, sample: Math.max(0, event.sample - unheard) } : event)));
  }

  return {
    order(order: RingOrder) {
      if (order.do === 'begin') aheadSeconds = Math.max(AHEAD_S, order.cushion * 1.5);
      if (order.do === 'interrupt' && (order.clip === null || order.clip === ring.current)) interrupt(order);
      else carryOut(ring, order, context.currentTime);
      fill();
    },
    heardAt: () => context.currentTime - latencyOf(context),
    tick: fill,
  };
}
