import type { Mood, State, Viseme } from '../../overlay/protocol';
import type { Avatar, AvatarSpec, Gesture } from '../avatar';
import { Gestures } from '../gestures';
import { Blinking, Breath, Drift, Spring } from '../motion';
import { MouthSteps, openingOf, pictureSetFrom, slotFor, type PictureSet } from './picture_set';

/** A character of the broadcaster's own pictures: one is shown at a time, and the whole moves. */
export function pictureAvatar(parent: HTMLElement, spec: AvatarSpec, random: () => number = Math.random): Avatar {
  return new PictureAvatar(parent, pictureSetFrom(spec), random);
}

class PictureAvatar implements Avatar {
  private readonly box = document.createElement('div');
  private readonly images = new Map<string, HTMLImageElement>();
  private readonly gestures = new Gestures();
  private readonly blinking: Blinking;
  private readonly breath: Breath;
  private readonly steps = new MouthSteps();
  private readonly hop = new Spring(260, 0.55);
  private readonly tiltDrift: Drift;
  private readonly sideDrift: Drift;
  private opening = 0;
  private mood: Mood = 'neutral';
  private state: State = 'offline';
  private shown = '';
  private light = 1;
  private time = 0;

  constructor(
    private readonly parent: HTMLElement,
    private set: PictureSet,
    random: () => number,
  ) {
    this.blinking = new Blinking(random);
    const seed = Math.floor(random() * 1e6);
    this.breath = new Breath(seed + 13);
    this.tiltDrift = new Drift(seed, 3.9);
    this.sideDrift = new Drift(seed + 7, 5.3);
    Object.assign(this.box.style, { position: 'absolute', inset: '0', transformOrigin: '50% 100%' });
    parent.append(this.box);
    this.load();
  }

  setMouth(viseme: Viseme, weight: number): void {
    this.opening = openingOf(viseme, weight);
  }

  setMood(mood: Mood): void {
    this.mood = mood;
  }

  setState(state: State): void {
    this.state = state;
  }

  gesture(name: Gesture): void {
    this.gestures.begin(name, this.time);
  }

  setLook(spec: AvatarSpec): void {
    this.set = pictureSetFrom(spec);
    this.load();
    this.show();
  }

  resize(): void {
    // The pictures scale with their box.
  }

  destroy(): void {
    this.parent.removeChild(this.box);
    this.images.clear();
  }

  frame(tMs: number, dtMs: number): void {
    this.time = tMs;
    const seconds = dtMs / 1000;
    this.steps.step(this.opening, this.set.mouth, tMs);
    this.show();
    const asleep = this.state === 'offline';
    this.breath.step(tMs, seconds, asleep ? 0.17 : 0.26);
    const hop = this.hop.step(asleep ? 0 : this.opening * this.set.bounce, seconds);
    const move = this.gestures.at(tMs);
    const t = tMs / 1000;
    // Of a box of 800, in percent.
    const down = (move.nod * 0.4 + move.sink - hop) / 8;
    const tilt = move.tilt * 0.5 + move.swing * move.hand * 2 + this.tiltDrift.at(t) * 0.7;
    const aside = (move.turn * 9 + this.sideDrift.at(t) * 3) / 8;
    const size = 1 + move.lean * 0.04;
    const tall = size * (1 + this.breath.value * 0.006 + hop * 0.0006);
    this.box.style.transform = `translate(${aside.toFixed(3)}%, ${down.toFixed(3)}%) rotate(${tilt.toFixed(3)}deg) scale(${size.toFixed(4)}, ${tall.toFixed(4)})`;
    const light = asleep && !('offline' in this.set.pictures) ? 0.55 : this.state === 'muted' ? 0.72 : 1;
    this.light += (light - this.light) * (1 - Math.exp(-seconds / 0.25));
    this.box.style.filter = this.light > 0.995 ? '' : `brightness(${this.light.toFixed(2)})`;
  }

  /** One element for each picture: all are decoded before they are needed, and animated ones keep their time. */
  private load(): void {
    const addresses = new Set(Object.values(this.set.pictures));
    for (const [address, image] of this.images) {
      if (addresses.has(address)) continue;
      image.remove();
      this.images.delete(address);
    }
    for (const address of addresses) {
      if (this.images.has(address)) continue;
      const image = new Image();
      image.alt = '';
      image.decoding = 'sync';
      Object.assign(image.style, { position: 'absolute', inset: '0', width: '100%', height: '100%', objectFit: 'contain', objectPosition: '50% 100%', visibility: 'hidden' });
      image.src = address;
      this.images.set(address, image);
      this.box.append(image);
    }
    this.shown = '';
  }

  private show(): void {
    const slot = slotFor(this.set.pictures, {
      mood: this.mood,
      state: this.state,
      mouth: this.steps.now,
      blinking: this.blinking.at(this.time) > 0.3,
    });
    const address = this.set.pictures[slot] ?? '';
    if (address === this.shown) return;
    const next = this.images.get(address);
    // A picture that has not come yet would be a hole in the show.
    if (next && !next.complete && this.shown) return;
    const last = this.images.get(this.shown);
    if (next) next.style.visibility = 'visible';
    if (last && last !== next) last.style.visibility = 'hidden';
    this.shown = address;
  }
}
