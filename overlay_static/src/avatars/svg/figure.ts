import type { Movement } from '../gestures';
import type { Look } from '../look';
import { worn as wornThings } from './accessories';
import { tones } from './colours';
import { definitions } from './defs';
import { group, make, n, scoped } from './dom';
import { Eye } from './eyes';
import { Brows, FaceBase, Signs } from './face';
import { FACE_SHAPES } from './faces';
import { fringe } from './hair/fringes';
import { mane } from './hair/manes';
import type { Hanging } from './hair/pieces';
import { wavingArm } from './hand';
import type { Face } from './moods';
import { MouthPart } from './mouth';
import type { MouthShape } from './mouths';
import { outfit } from './outfits/outfits';
import type { Pose } from './poses';
import { Thoughts } from './thoughts';

/** Head and shoulders with room above for what sticks up. */
export const VIEW = '-14 16 828 828';

/** Everything that decides one picture of her. */
export interface Moment {
  readonly tMs: number;
  readonly face: Face;
  readonly pose: Pose;
  readonly mouth: MouthShape;
  readonly move: Movement;
  /** Lids shut by a blink, 0..1; where the eyes wander, -1..1. */
  readonly blink: number;
  readonly gazeX: number;
  readonly gazeY: number;
  /** Head: turn -1..1, tilt in degrees, nod in px; what lags behind them: swing in degrees, drop in px. */
  readonly turn: number;
  readonly tilt: number;
  readonly nod: number;
  readonly lag: number;
  readonly drop: number;
  /** -1..1 */
  readonly breath: number;
  /** Degrees the whole body leans aside. */
  readonly sway: number;
  /** Two slow winds in the hair, -1..1. */
  readonly windA: number;
  readonly windB: number;
}

const NECK_X = 400;
const NECK_Y = 612;
let drawn = 0;

/** The drawing of one look. Knows where each part belongs at a moment, and nothing of time. */
export class Figure {
  readonly svg: SVGSVGElement;
  private readonly form;
  private readonly mane;
  private readonly fringe;
  private readonly worn;
  private readonly outfit;
  private readonly base: FaceBase;
  private readonly eyes: readonly [Eye, Eye];
  private readonly eyeGroups: readonly [SVGGElement, SVGGElement];
  private readonly brows: Brows;
  private readonly mouth: MouthPart;
  private readonly mouthGroup: SVGGElement;
  private readonly signs = new Signs();
  private readonly thoughts = new Thoughts();
  private readonly arm: SVGGElement;
  private readonly head: SVGGElement;
  private readonly torso: SVGGElement;
  private readonly all: SVGGElement;

  constructor(look: Look) {
    const form = FACE_SHAPES[look.face];
    this.form = form;
    this.mane = mane(look.hair);
    this.fringe = fringe(look.fringe);
    this.worn = wornThings(look.accessories);
    this.outfit = outfit(look.outfit);
    this.base = new FaceBase(form, this.fringe.shadow);
    this.eyes = [new Eye(-1, form.eye), new Eye(1, form.eye)];
    this.eyeGroups = [group(this.eyes[0].element), group(this.eyes[1].element)];
    this.brows = new Brows(form);
    this.mouth = new MouthPart(form.fang);
    this.mouthGroup = group(this.mouth.element);
    this.arm = group(wavingArm(this.outfit.sleeve));
    this.head = group(
      this.worn.ears, this.base.element, this.base.features, this.mouthGroup, ...this.eyeGroups, this.mane.lockLeft, this.mane.lockRight,
      this.worn.cowlick, this.fringe.element, this.worn.pins, this.worn.glasses, this.brows.element, this.worn.top, this.signs.element,
    );
    this.torso = group(this.outfit.torso, this.worn.neck, this.outfit.dangling);
    this.all = group(...this.mane.hanging.map((one) => one.element), this.mane.back, this.outfit.behind, this.torso, this.head, this.thoughts.element, this.arm);
    this.svg = make('svg', { viewBox: VIEW, preserveAspectRatio: 'xMidYMax meet', 'aria-hidden': 'true' }, definitions(), this.all);
    scoped(this.svg, `-${(drawn += 1)}`);
    this.paint(look);
  }

  /** The colours anew, without drawing anything else. */
  paint({ palette }: Look): void {
    for (const [name, value] of Object.entries(tones(palette))) this.svg.style.setProperty(name, value);
  }

  draw(at: Moment): void {
    const { turn, nod, tilt, lag, drop, move, face, windA, windB } = at;
    const { worn, fringe: front, outfit: clothes } = this;
    const sink = at.pose.sink + at.breath * 2.6 + move.sink;
    const near = 1 + move.lean * 0.045;
    this.all.setAttribute('transform', `rotate(${n2(at.sway)} 400 1100) translate(${n(400 - 400 * near)} ${n(900 - 900 * near + move.lean * 12)}) scale(${n3(near)})`);

    place(this.torso, turn * 3, sink * 0.75, tilt * 0.12, 400, 800);
    place(clothes.behind, turn * 2, sink * 0.75, tilt * 0.12, 400, 800);
    place(clothes.dangling, turn * 1.5, at.breath * 1.2 + drop * 0.2, lag * 0.5, 400, 736);
    const headX = turn * 7;
    const headY = sink + nod * 0.55;
    place(this.head, headX, headY, tilt, NECK_X, NECK_Y);
    place(this.mane.back, headX - turn * 5, headY, tilt * 0.85 + lag * 0.2, 400, 420);
    for (const one of this.mane.hanging) this.hang(one, headX, headY, at);
    const { lockLeft, lockRight } = this.mane;
    place(lockRight, turn * 3, nod * 0.2 + drop * 0.4, lag * 0.55 + windA * 0.9, 556, 330);
    place(lockLeft, turn * 3, nod * 0.2 + drop * 0.4, lag * 0.55 + windB * 0.9, 244, 330);
    place(front.element, turn * 9, nod * 0.55, lag * 0.06, 400, 200);
    place(worn.ears, turn * -4, nod * -0.25 + drop * 0.2, lag * 0.1, 400, 220);
    place(worn.pins, turn * 10, nod * 0.55, 0, 0, 0);
    place(worn.cowlick, turn * 4, nod * 0.45, lag * 1.6 + windA * 3.4 + drop * 0.5, 406, 130);
    place(worn.top, turn * -3, nod * 0.25 + drop * 0.15, lag * 0.05, 400, 220);

    // What stands out from the head moves further than the head.
    const fx = turn * 21;
    const fy = nod * 1.05;
    place(this.base.features, fx * 1.05, fy, 0, 0, 0);
    place(this.brows.element, fx * 0.92, fy * 0.95, 0, 0, 0);
    place(worn.glasses, fx * 0.98, fy + this.form.eye.y - 424, 0, 0, 0);
    place(this.signs.element, turn * 10, nod * 0.5, 0, 0, 0);
    this.drawEyes(at, fx, fy);
    this.base.draw(face, Math.max(0, at.mouth.bottom - 12) * 0.24);
    this.brows.draw(face);
    this.signs.draw(face);
    const mouthWidth = this.form.mouth * (1 - Math.min(0.1, Math.abs(turn) * 0.09));
    this.mouthGroup.setAttribute('transform', `translate(${n(400 + fx)} ${n(this.form.mouthY + fy)}) scale(${n3(mouthWidth)} ${n3(this.form.mouth)})`);
    this.mouth.draw(at.mouth, face, at.pose.sealed);
    this.thoughts.draw(at.tMs, at.pose.pondering, at.pose.dozing);
    this.drawArm(move);
  }

  private drawEyes({ face, blink, gazeX, gazeY, turn }: Moment, fx: number, fy: number): void {
    const { eye } = this.form;
    const look = {
      open: Math.max(0, face.eyeOpen * eye.lid * (1 - blink)),
      smile: face.eyeSmile,
      slant: face.lidSlant,
      lowerLid: face.lowerLid,
      iris: face.iris,
      gazeX: clamped(face.gazeX + gazeX, 1.1),
      gazeY: clamped(face.gazeY + gazeY, 1),
    };
    for (const [index, side] of [[0, -1], [1, 1]] as const) {
      // The eye on the far side of a turned head is narrower.
      const width = 1 - clamped(turn * side * 0.1, 0.11);
      this.eyeGroups[index].setAttribute('transform', `translate(${n(400 + side * eye.x + fx * 0.95)} ${n(eye.y + fy)}) scale(${n3(width)} 1)`);
      this.eyes[index].draw(look);
    }
  }

  private drawArm(move: Movement): void {
    this.arm.setAttribute('visibility', move.hand > 0.01 ? 'visible' : 'hidden');
    if (move.hand <= 0.01) return;
    const down = 1 - move.hand;
    const x = 652 + down * 60;
    const y = 668 + down * 400;
    this.arm.setAttribute('transform', `translate(${n(x)} ${n(y)}) rotate(${n2(6 + move.swing * 12 * move.hand + down * 20)} 10 260)`);
  }

  /** The root goes where the head takes it; the rest hangs on. */
  private hang({ element, x, y, swing, stiff, side }: Hanging, headX: number, headY: number, at: Moment): void {
    const angle = (at.tilt * Math.PI) / 180;
    const dx = headX - at.turn * 4 + (-Math.sin(angle) * (y - NECK_Y) + (Math.cos(angle) - 1) * (x - NECK_X));
    const dy = headY + (Math.sin(angle) * (x - NECK_X) + (Math.cos(angle) - 1) * (y - NECK_Y));
    const wind = side === 1 ? at.windA : at.windB;
    place(element, dx, dy + at.drop * 0.3, at.tilt * stiff + (at.lag + wind * 1.2) * swing, x, y);
  }
}

/** Moves and turns a part around a point. */
function place(part: SVGElement, x: number, y: number, degrees: number, aroundX: number, aroundY: number): void {
  part.setAttribute('transform', `translate(${n(x)} ${n(y)}) rotate(${n2(degrees)} ${aroundX} ${aroundY})`);
}

function clamped(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}

function n2(value: number): number {
  return Math.round(value * 100) / 100;
}

function n3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
