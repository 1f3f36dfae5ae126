/** Limits of sliders that change with another choice. What a person chose comes back when the limits allow it again. */
export interface SliderLimits {
  set(name: string, limits: readonly [number, number]): void;
  wanted(name: string): number;
}

export function sliderLimits(form: HTMLFormElement, names: readonly string[]): SliderLimits {
  const wanted = new Map<string, number>();
  let limiting = false;
  const slider = (name: string): HTMLInputElement | null => form.querySelector(`input[type=range][name=${name}]`);
  for (const name of names) {
    wanted.set(name, Number(slider(name)?.value));
    slider(name)?.addEventListener('input', () => {
      if (!limiting) wanted.set(name, Number(slider(name)!.value));
    });
  }
  return {
    wanted: (name) => wanted.get(name) ?? 1,
    set(name, [low, high]) {
      const input = slider(name);
      if (!input) return;
      input.min = String(low);
      input.max = String(high);
      input.value = String(wanted.get(name));
      // The number beside it follows.
      limiting = true;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      limiting = false;
    },
  };
}
