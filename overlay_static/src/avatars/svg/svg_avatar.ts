import type { Mood, Palette, State, Viseme } from '../../overlay/protocol';
import type { Avatar, Gesture } from '../avatar';
import { bodyParts } from './body';
import { tones } from './colours';
import { definitions } from './defs';
import { group, make, n } from './dom';
import { Eye } from './eyes';
import { Brows, FaceBase, hairpin, Signs } from './face';
import { hairParts } from './hair';
import { blend, FACES, type Face } from './moods';
import { Blinking, Glancing, Nodding, Spring } from './motion';
import { MouthPart } from './mouth';
import { mixMouths, weighted, type MouthShape } from './mouths';
import { POSES, towards, worn, type Pose } from './poses';
import { Thoughts } from './thoughts';

/** Time constants of easing, s: lips open and round slower than they meet. */
const LIPS_S = 0.032;
const LIPS_MEET_S = 0.014;
const POSE_S = 0.28;

const EYE_X = 82;
const EYE_Y = 424;
const MOUTH_Y = 528;

/** The character drawn in code. `random` decides her blinks and glances. */
export function svgAvatar(parent: HTMLElement, random: () => number = Math.random): Avatar {
  return new SvgAvatar(parent, random);
}

class SvgAvatar implements Avatar {
  private readonly svg: SVGSVGElement;
  private readonly hair = hairParts();
  private readonly body = bodyParts();
  private readonly faceBase = new FaceBase();
  private readonly eyes = [new Eye(-1), new Eye(1)] as const;
  private readonly eyeGroups = [group(this.eyes[0].element), group(this.eyes[1].element)] as const;
  private readonly brows = new Brows();
  private readonly mouth = new MouthPart();
  private readonly mouthGroup = group(this.mouth.element);
  private readonly signs = new Signs();
  private readonly thoughts = new Thoughts();
  private readonly pin = hairpin();
  private readonly head: SVGGElement;
  private readonly torso: SVGGElement;

  private readonly blinking: Blinking;
  private readonly glancing: Glancing;
  private readonly nodding = new Nodding();
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
  private shapeNow: MouthShape = weighted('sil', 1);
  private shapeTo: MouthShape = this.shapeNow;
  private time = 0;

  constructor(
    private readonly parent: HTMLElement,
    random: () => number,
  ) {
    this.blinking = new Blinking(random);
    this.glancing = new Glancing(random);
    const { hair, body } = this;
    const features = [this.faceBase.features, this.mouthGroup, ...this.eyeGroups];
    this.head = group(
      this.faceBase.element, ...features, hair.lockLeft, hair.lockRight, hair.ahoge, hair.fringe, this.pin, this.brows.element,
      hair.bows, this.signs.element,
    );
    this.torso = group(body.torso, body.tie);
    this.svg = make(
      'svg',
      { viewBox: '0 0 800 800', preserveAspectRatio: 'xMidYMax meet', 'aria-hidden': 'true' },
      definitions(), hair.tailLeft, hair.tailRight, hair.back, body.hood, this.torso, this.head, this.thoughts.element,
    );
    this.setPalette({});
    parent.append(this.svg);
    this.draw();
  }

  setMouth(viseme: Viseme, weight: number): void {
    this.shapeTo = weighted(viseme, weight);
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
    if (name === 'nod') this.nodding.begin(this.time);
  }

  setPalette(colours: Palette): void {
    for (const [name, value] of Object.entries(tones(colours))) this.svg.style.setProperty(name, value);
  }

  resize(): void {
    // The drawing scales with its box.
  }

  destroy(): void {
    this.parent.removeChild(this.svg);
  }

  frame(tMs: number, dtMs: number): void {
    this.time = tMs;
    const seconds = dtMs / 1000;
    this.moodShare = Math.min(1, this.moodShare + dtMs / this.moodMs);
    this.pose = towards(this.pose, POSES[this.state], 1 - Math.exp(-seconds / POSE_S));
    const meeting = this.shapeTo.top + this.shapeTo.bottom < 13;
    this.shapeNow = mixMouths(this.shapeNow, this.shapeTo, 1 - Math.exp(-seconds / (meeting ? LIPS_MEET_S : LIPS_S)));
    this.glancing.step(tMs, seconds);
    this.move(tMs, seconds);
    this.draw();
  }

  private moodFace(): Face {
    const eased = this.moodShare * this.moodShare * (3 - 2 * this.moodShare);
    return blend(this.faceFrom, this.faceTo, eased);
  }

  private face(): Face {
    return worn(this.moodFace(), FACES.neutral, this.pose);
  }

  /** Lets head, hair and bows follow where the pose and the idle sway want them. */
  private move(tMs: number, seconds: number): void {
    const t = tMs / 1000;
    const { life } = this.pose;
    const face = this.face();
    const opening = (this.shapeNow.top + this.shapeNow.bottom) / 60;
    const turn = this.turn.step(face.turn + life * (Math.sin(t * 0.53) * 0.2 + Math.sin(t * 1.31 + 1) * 0.1), seconds);
    this.tilt.step(face.tilt + life * (Math.sin(t * 0.47 + 0.6) * 1.5 + Math.sin(t * 1.13) * 0.7), seconds);
    this.nod.step(face.nod + this.nodding.at(tMs) * 11 + opening * 5 * (life > 1 ? 1 : 0.3), seconds);
    this.swing.step(this.tilt.value * 0.9 + turn * 5, seconds);
    this.bounce.step(this.nod.value, seconds);
  }

  private draw(): void {
    const t = this.time / 1000;
    const face = this.face();
    const breath = Math.sin(t * (this.pose.dozing > 0.5 ? 1.15 : 1.75));
    const { hair } = this;
    const turn = this.turn.value;
    const nod = this.nod.value;
    const tilt = this.tilt.value;
    const lag = this.swing.value - (tilt * 0.9 + turn * 5);
    const drop = this.bounce.value - nod;
    const sink = this.pose.sink + breath * 2.6;

    place(this.torso, turn * 3, sink * 0.75, tilt * 0.12, 400, 800);
    place(this.body.hood, turn * 2, sink * 0.75, tilt * 0.12, 400, 800);
    place(this.body.tie, turn * 1.5, breath * 1.2 + drop * 0.2, lag * 0.5, 400, 726);
    place(this.head, turn * 6, sink + nod * 0.55, tilt, 400, 610);
    const headMoves = [turn * 6, sink + nod * 0.55, tilt] as const;
    place(hair.back, headMoves[0] - turn * 12, headMoves[1], tilt * 0.8 + lag * 0.25, 400, 420);
    const sway = Math.sin(t * 1.2) * 0.9;
    this.hang(hair.tailRight, 1, headMoves, turn, lag + sway, drop);
    this.hang(hair.tailLeft, -1, headMoves, turn, lag + Math.sin(t * 1.2 - 0.8) * 0.9, drop);
    place(hair.lockRight, turn * 3, nod * 0.2 + drop * 0.4, lag * 0.55 + sway * 0.5, 556, 330);
    swingMirrored(hair.lockLeft, turn * 3, nod * 0.2 + drop * 0.4, lag * 0.55 + Math.sin(t * 1.2 - 1.2) * 0.45, 244, 330);
    place(hair.fringe, turn * 7, nod * 0.5, lag * 0.06, 400, 200);
    place(this.pin, turn * 8, nod * 0.5, 0, 0, 0, 'translate(286 268) rotate(-18)');
    place(hair.ahoge, turn * 3, nod * 0.4, lag * 1.6 + Math.sin(t * 2.1) * 3.2, 406, 130);
    place(hair.bows, turn * -3, nod * 0.25 + drop * 0.15, lag * 0.05, 400, 220);

    const fx = turn * 17;
    const fy = nod * 0.95;
    place(this.faceBase.features, fx, fy, 0, 0, 0);
    place(this.brows.element, fx * 0.95, fy * 0.95, 0, 0, 0);
    place(this.signs.element, turn * 10, nod * 0.5, 0, 0, 0);
    const blink = face.eyeSmile > 0.5 ? 0 : this.blinking.at(this.time);
    this.drawEyes(face, fx, fy, turn, blink);
    const jaw = Math.max(0, this.shapeNow.bottom - 12) * 0.24;
    this.faceBase.draw(face, jaw);
    this.brows.draw(face);
    this.signs.draw(face);
    this.mouthGroup.setAttribute('transform', `translate(${n(400 + fx * 0.95)} ${n(MOUTH_Y + fy)})`);
    this.mouth.draw(this.shapeNow, face, this.pose.sealed);
    this.thoughts.draw(this.time, this.pose.pondering, this.pose.dozing);
  }

  private drawEyes(face: Face, fx: number, fy: number, turn: number, blink: number): void {
    const look = {
      open: Math.max(0, face.eyeOpen * (1 - blink)),
      smile: face.eyeSmile,
      slant: face.lidSlant,
      lowerLid: face.lowerLid,
      iris: face.iris,
      gazeX: Math.max(-1.1, Math.min(1.1, face.gazeX + this.glancing.x)),
      gazeY: Math.max(-1, Math.min(1, face.gazeY + this.glancing.y)),
    };
    for (const [index, side] of [[0, -1], [1, 1]] as const) {
      // The eye on the far side of a turned head is narrower.
      const width = 1 - Math.max(-0.08, Math.min(0.08, turn * side * 0.09));
      this.eyeGroups[index].setAttribute(
        'transform',
        `translate(${n(400 + side * EYE_X + fx)} ${n(EYE_Y + fy)}) scale(${n(width * 100) / 100} 1)`,
      );
      this.eyes[index].draw(look);
    }
  }

  private hang(tail: SVGGElement, side: 1 | -1, head: readonly [number, number, number], turn: number, lag: number, drop: number): void {
    const x = 400 + side * 172;
    // The root goes where the head takes it; the rest hangs on.
    const angle = (head[2] * Math.PI) / 180;
    const dx = head[0] - turn * 9 + (-Math.sin(angle) * (226 - 610) + (Math.cos(angle) - 1) * (x - 400));
    const dy = head[1] + (Math.sin(angle) * (x - 400) + (Math.cos(angle) - 1) * (226 - 610));
    const mirror = side === -1 ? ' matrix(-1 0 0 1 800 0)' : '';
    tail.setAttribute('transform', `translate(${n(dx)} ${n(dy + drop * 0.3)}) rotate(${n(head[2] * 0.35 + lag * 1.15)} ${x} 226)${mirror}`);
  }
}

/** Moves and turns a part around a point. */
function place(part: SVGElement, x: number, y: number, degrees: number, aroundX: number, aroundY: number, own = ''): void {
  part.setAttribute('transform', `translate(${n(x)} ${n(y)}) rotate(${Math.round(degrees * 100) / 100} ${aroundX} ${aroundY}) ${own}`);
}

function swingMirrored(part: SVGElement, x: number, y: number, degrees: number, aroundX: number, aroundY: number): void {
  place(part, x, y, degrees, aroundX, aroundY, 'matrix(-1 0 0 1 800 0)');
}
