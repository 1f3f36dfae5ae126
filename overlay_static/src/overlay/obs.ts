/** What OBS tells its browser sources. */

interface ObsStudio {
  readonly pluginVersion: string;
}

declare global {
  interface Window {
    readonly obsstudio?: ObsStudio;
  }
}

/** Of the browser plug-in, which counts for itself. */
export function obsVersion(): string {
  return window.obsstudio?.pluginVersion ?? '';
}

/** Of OBS itself: its browser ends its name with "OBS/32.0.2". */
export function programVersion(): string {
  return /\bOBS\/([\d.]+)/.exec(navigator.userAgent)?.[1] ?? '';
}

/** "Chrome/127.0.6533.120" and the like. */
export function engine(): string {
  return /(Chrome|Firefox|Version)\/[\d.]+/.exec(navigator.userAgent)?.[0] ?? '';
}

/** Hints only: some versions of OBS never tell. */
export function onVisibility(tell: (visible: boolean, active: boolean) => void): void {
  let visible = !document.hidden;
  let active = true;
  const flag = (event: Event, name: string): boolean =>
    event instanceof CustomEvent && (event.detail as Record<string, unknown> | null)?.[name] === true;
  document.addEventListener('visibilitychange', () => tell((visible = !document.hidden), active));
  window.addEventListener('obsSourceVisibleChanged', (event) => tell((visible = flag(event, 'visible')), active));
  window.addEventListener('obsSourceActiveChanged', (event) => tell(visible, (active = flag(event, 'active'))));
}
