/** Short movements of head, body and hand, for every kind of avatar. Pure: time is given. */

import type { Gesture } from './avatar';

export interface Movement {
  /** px down, degrees, -1..1, px down, 0..1 towards the viewer, 0..1 hand raised, and where in its swing the hand is (-1..1). */
  nod: number;
  tilt: number;
  turn: number;
  sink: number;
  lean: number;
  hand: number;
  swing: number;
}

const LASTS_MS: Readonly<Record<Gesture, number>> = { nod: 460, tilt: 1500, lean: 1700, hop: 620, shake: 900, sway: 1900, wave: 2300 };
const STILL: Movement = { nod: 0, tilt: 0, turn: 0, sink: 0, lean: 0, hand: 0, swing: 0 };

export class Gestures {
  private readonly going: { readonly name: Gesture; readonly begun: number; readonly side: number }[] = [];
  private side = 1;

  /** Whether any is going on. */
  get busy(): boolean {
    return this.going.length > 0;
  }

  begin(name: Gesture, tMs: number): void {
    // The same gesture twice at once would be a twitch.
    if (this.going.some((one) => one.name === name)) return;
    this.side = -this.side;
    this.going.push({ name, begun: tMs, side: this.side });
  }

  at(tMs: number): Movement {
    const sum: Movement = { ...STILL };
    for (let i = this.going.length - 1; i >= 0; i--) {
      const { name, begun, side } = this.going[i]!;
      const share = (tMs - begun) / LASTS_MS[name];
      if (share >= 1) this.going.splice(i, 1);
      else if (share >= 0) add(sum, name, share, side);
    }
    return sum;
  }
}

function add(sum: Movement, name: Gesture, share: number, side: number): void {
  const bell = Math.sin(Math.PI * share) ** 2;
  // Rises quickly, holds, and lets go slowly.
  const held = Math.min(1, share / 0.2, (1 - share) / 0.35);
  const eased = held * held * (3 - 2 * held);
  switch (name) {
    case 'nod':
      sum.nod += bell * 12;
      break;
    case 'tilt':
      sum.tilt += eased * 7 * side;
      sum.turn += eased * 0.12 * side;
      break;
    case 'lean':
      sum.lean += eased;
      sum.nod += eased * 5;
      break;
    case 'hop':
      sum.sink -= Math.abs(Math.sin(Math.PI * 2 * share)) * 15 * (1 - share * 0.5);
      break;
    case 'shake':
      sum.turn += Math.sin(Math.PI * 5 * share) * 0.42 * (1 - share);
      break;
    case 'sway':
      sum.tilt += Math.sin(Math.PI * 4 * share) * 5 * eased;
      sum.turn += Math.sin(Math.PI * 4 * share) * 0.16 * eased;
      break;
    case 'wave':
      sum.hand = Math.max(sum.hand, eased);
      sum.swing = Math.sin(share * Math.PI * 9);
      sum.tilt += eased * 4;
      break;
  }
}
