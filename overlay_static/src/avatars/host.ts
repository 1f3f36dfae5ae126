import type { Mood, State, Viseme } from '../overlay/protocol';
import type { Avatar, AvatarSpec, Gesture } from './avatar';
import { lookFrom } from './look';
import { pictureAvatar } from './png/picture_avatar';
import { svgAvatar } from './svg/svg_avatar';

/** Makes an avatar inside `parent`. A heavy kind answers a promise and loads its code by `import()`. */
export type Maker = (parent: HTMLElement, spec: AvatarSpec) => Avatar | Promise<Avatar>;

const DRAWN: Maker = (parent, spec) => svgAvatar(parent, lookFrom(spec));
const MAKERS: Readonly<Record<string, Maker>> = { svg: DRAWN, png: pictureAvatar };

/**
 * Stands where an avatar stands, whatever its kind, and changes the kind when it is told to. Shows nothing until the first look is
 * known. A kind that cannot be shown here is replaced by the drawn one: never an empty stage.
 */
export class AvatarHost implements Avatar {
  private avatar: Avatar | null = null;
  private kind = '';
  private wanted: AvatarSpec | null = null;
  private mood: Mood = 'neutral';
  private state: State = 'offline';
  private readonly mouth: { viseme: Viseme; weight: number } = { viseme: 'sil', weight: 1 };

  constructor(
    private readonly parent: HTMLElement,
    private readonly makers: Readonly<Record<string, Maker>> = MAKERS,
  ) {}

  setLook(spec: AvatarSpec): void {
    this.wanted = spec;
    if (this.avatar && this.kind === spec.kind) {
      this.avatar.setLook(spec);
      return;
    }
    void this.change(spec);
  }

  setMouth(viseme: Viseme, weight: number): void {
    Object.assign(this.mouth, { viseme, weight });
    this.avatar?.setMouth(viseme, weight);
  }

  setMood(mood: Mood, ms: number): void {
    this.mood = mood;
    this.avatar?.setMood(mood, ms);
  }

  setState(state: State): void {
    this.state = state;
    this.avatar?.setState(state);
  }

  gesture(name: Gesture): void {
    this.avatar?.gesture(name);
  }

  resize(): void {
    this.avatar?.resize();
  }

  destroy(): void {
    this.wanted = null;
    this.avatar?.destroy();
    this.avatar = null;
    this.kind = '';
  }

  frame(tMs: number, dtMs: number): void {
    this.avatar?.frame(tMs, dtMs);
  }

  private async change(spec: AvatarSpec): Promise<void> {
    const place = document.createElement('div');
    place.className = 'avatar';
    const made = (this.makers[spec.kind] ?? DRAWN)(place, spec);
    if (!(made instanceof Promise)) return this.enter(made, place, spec);
    let avatar: Avatar;
    try {
      avatar = await made;
    } catch {
      place.replaceChildren();
      avatar = await DRAWN(place, spec);
    }
    // Somebody may have asked for another kind, or the end, while this one was loading.
    if (this.wanted?.kind === spec.kind) this.enter(avatar, place, this.wanted);
    else avatar.destroy();
  }

  private enter(avatar: Avatar, place: HTMLElement, spec: AvatarSpec): void {
    const before = this.avatar;
    this.avatar = avatar;
    this.kind = spec.kind;
    avatar.setLook(spec);
    avatar.setMood(this.mood, 0);
    avatar.setState(this.state);
    avatar.setMouth(this.mouth.viseme, this.mouth.weight);
    before?.destroy();
    this.parent.replaceChildren(place);
    avatar.resize();
  }
}
