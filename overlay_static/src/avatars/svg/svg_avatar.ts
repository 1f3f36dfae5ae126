import type { Mood, State, Viseme } from '../../overlay/protocol';
import type { Avatar, AvatarSpec, Gesture } from '../avatar';
import { Gestures } from '../gestures';
import { DEFAULT_LOOK, lookFrom, type Look } from '../look';
import { Figure } from './figure';
import { Beats, Blinking, Breath, Drift, Glancing, Spring, Whims } from '../motion';
import { Lips } from './lips';
import { blend, FACES, type Face } from './moods';
import { POSES, towards, worn, type Pose } from './poses';

const POSE_S = 0.28;
/** Idle life is slow, and as smooth with every second picture: painting is the dearest thing on the page. */
const CALM_FRAME_MS = 1000 / 30;
/** Frames come a little early or late. */
const FRAME_JITTER_MS = 5;
/** px/s of her head from which on it is no longer calm. */
const CALM_SPEED = 40;
/** px her face moves with each degree of tilt. */
const TILT_PX = 4;
/** Her head stands still while she looks at nothing in particular. */
const WHIMS: readonly Gesture[] = ['tilt', 'lean', 'sway', 'nod', 'tilt'];

/** The character drawn in code. `random` decides her blinks, glances and whims. */
export function svgAvatar(parent: HTMLElement, look: Look = DEFAULT_LOOK, random: () => number = Math.random): Avatar {
  return new SvgAvatar(parent, look, random);
}

class SvgAvatar implements Avatar {
  private figure: Figure;
  private readonly lips = new Lips();
  private readonly gestures = new Gestures();
  private readonly blinking: Blinking;
  private readonly glancing: Glancing;
  private readonly whims: Whims<Gesture>;
  private readonly breath: Breath;
  private readonly beats = new Beats();
  private readonly drift: Readonly<Record<'turn' | 'tilt' | 'sway' | 'nod' | 'windA' | 'windB', Drift>>;
  private readonly turn = new Spring(70, 0.9);
  private readonly tilt = new Spring(60, 0.85);
  private readonly nod = new Spring(120, 0.8);
  private readonly swing = new Spring(46, 0.22);
  private readonly bounce = new Spring(60, 0.25);

  private faceFrom: Face = FACES.neutral;
  private faceTo: Face = FACES.neutral;
  private moodShare = 1;
  private moodMs = 1;
  private pose: Pose = POSES.offline;
  private state: State = 'offline';
  private time = 0;
  private blink = 0;
  private drawn = 0;

  constructor(
    private readonly parent: HTMLElement,
    private look: Look,
    private readonly random: () => number,
  ) {
    this.blinking = new Blinking(random);
    this.glancing = new Glancing(random);
    this.whims = new Whims(WHIMS, random);
    const seed = Math.floor(random() * 1e6);
    const wander = (index: number, periodS: number): Drift => new Drift(seed + index * 101, periodS);
    this.drift = {
      turn: wander(1, 2.9), tilt: wander(2, 3.7), sway: wander(3, 4.3), nod: wander(4, 3.1), windA: wander(6, 1.9), windB: wander(7, 2.3),
    };
    this.breath = new Breath(seed + 505);
    this.figure = new Figure(look);
    parent.append(this.figure.svg);
    this.draw();
  }

  setMouth(viseme: Viseme, weight: number): void {
    this.lips.aim(viseme, weight, this.time);
  }

  setMood(mood: Mood, ms: number): void {
    this.faceFrom = this.moodFace();
    this.faceTo = FACES[mood];
    this.moodMs = Math.max(1, ms);
    this.moodShare = ms === 0 ? 1 : 0;
  }

  setState(state: State): void {
    this.state = state;
  }

  gesture(name: Gesture): void {
    this.gestures.begin(name, this.time);
  }

  setLook(spec: AvatarSpec): void {
    const before = this.look;
    this.look = lookFrom(spec);
    if (sameParts(before, this.look)) {
      this.figure.paint(this.look);
      return;
    }
    const old = this.figure.svg;
    this.figure = new Figure(this.look);
    this.draw();
    this.parent.replaceChild(this.figure.svg, old);
  }

  resize(): void {
    // The drawing scales with its box.
  }

  destroy(): void {
    this.figure.svg.remove();
  }

  frame(tMs: number, dtMs: number): void {
    this.time = tMs;
    const seconds = dtMs / 1000;
    this.moodShare = Math.min(1, this.moodShare + dtMs / this.moodMs);
    this.pose = towards(this.pose, POSES[this.state], 1 - Math.exp(-seconds / POSE_S));
    this.lips.step(tMs, seconds);
    this.glancing.step(tMs, seconds);
    this.breath.step(tMs, seconds, this.pose.dozing > 0.5 ? 0.18 : 0.27);
    this.move(tMs, seconds);
    this.blink = this.blinking.at(tMs);
    if (this.calm && tMs - this.drawn < CALM_FRAME_MS - FRAME_JITTER_MS) return;
    this.drawn = tMs;
    this.draw();
  }

  /** Nothing about her moves so fast that every picture counts. */
  private get calm(): boolean {
    if (this.state === 'talking' || this.gestures.busy || this.moodShare < 1 || this.blink > 0 || !this.lips.still) return false;
    return Math.abs(this.nod.velocity) + Math.abs(this.tilt.velocity) * TILT_PX < CALM_SPEED;
  }

  private moodFace(): Face {
    const eased = this.moodShare * this.moodShare * (3 - 2 * this.moodShare);
    return blend(this.faceFrom, this.faceTo, eased);
  }

  private face(): Face {
    return worn(this.moodFace(), FACES.neutral, this.pose);
  }

  /** Lets head, hair and bows follow where pose, gestures, speech and idle wandering want them. */
  private move(tMs: number, seconds: number): void {
    const t = tMs / 1000;
    const { life } = this.pose;
    const face = this.face();
    const talking = life > 1.2;
    const whim = this.state === 'idle' ? this.whims.at(tMs) : null;
    if (whim) this.gestures.begin(whim, tMs);
    if (this.beats.step(this.lips.opening, tMs, seconds) && talking) {
      // Her head goes along with a stressed syllable, now to this side, now to that.
      this.nod.velocity += 38;
      this.tilt.velocity += (this.random() - 0.5) * 22;
    }
    const going = this.gestures.at(tMs);
    const turn = this.turn.step(face.turn + going.turn + life * this.drift.turn.at(t) * 0.26, seconds);
    this.tilt.step(face.tilt + going.tilt + life * this.drift.tilt.at(t) * 2, seconds);
    this.nod.step(face.nod + going.nod + life * this.drift.nod.at(t) * 2.2 + this.lips.opening * 5 * (talking ? 1 : 0.3), seconds);
    this.swing.step(this.tilt.value * 0.9 + turn * 5, seconds);
    this.bounce.step(this.nod.value + going.sink, seconds);
  }

  private draw(): void {
    const t = this.time / 1000;
    const face = this.face();
    const move = this.gestures.at(this.time);
    const [turn, tilt, nod] = [this.turn.value, this.tilt.value, this.nod.value];
    this.figure.draw({
      tMs: this.time,
      face,
      pose: this.pose,
      mouth: this.lips.shape,
      move,
      blink: face.eyeSmile > 0.5 ? 0 : this.blink,
      gazeX: this.glancing.x,
      gazeY: this.glancing.y,
      turn,
      tilt,
      nod,
      lag: this.swing.value - (tilt * 0.9 + turn * 5),
      drop: this.bounce.value - (nod + move.sink),
      breath: this.breath.value,
      sway: this.drift.sway.at(t) * 0.9 * Math.min(1.4, this.pose.life),
      windA: this.drift.windA.at(t),
      windB: this.drift.windB.at(t),
    });
  }
}

function sameParts(a: Look, b: Look): boolean {
  return (
    a.face === b.face && a.hair === b.hair && a.fringe === b.fringe && a.outfit === b.outfit &&
    a.accessories.length === b.accessories.length && a.accessories.every((name) => b.accessories.includes(name))
  );
}
