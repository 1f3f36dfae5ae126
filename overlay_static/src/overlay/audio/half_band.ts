/** Samples of output that lie in what is still to come: the filter looks that far ahead. */
export const LOOKS_AHEAD = 12;

const REACH = 2 * LOOKS_AHEAD - 1;
/** Half of a symmetric half-band low-pass: its weights at distance 1, 3, 5 …; all even ones are 0, the middle one is 1/2. */
const WEIGHTS = weights();

function weights(): Float32Array {
  const list = Array.from({ length: LOOKS_AHEAD }, (_, n) => {
    const distance = 2 * n + 1;
    const blackman = 0.42 + 0.5 * Math.cos((Math.PI * distance) / (REACH + 1)) + 0.08 * Math.cos((2 * Math.PI * distance) / (REACH + 1));
    return (blackman * Math.sin((Math.PI * distance) / 2)) / (Math.PI * distance);
  });
  const sum = list.reduce((total, weight) => total + weight, 0);
  return Float32Array.from(list, (weight) => weight / (4 * sum));
}

/** From 48 kHz to 24 kHz without shifting anything; the end of what goes in comes out with what follows it. Pure. */
export class HalfBand {
  /** Input that is still looked at; its first sample is REACH before the next output. */
  private input = new Float32Array(REACH);

  take(samples: Float32Array): Float32Array {
    const input = new Float32Array(this.input.length + samples.length);
    input.set(this.input);
    input.set(samples, this.input.length);
    const count = Math.max(0, Math.floor((input.length - 2 * REACH - 1) / 2) + 1);
    const out = new Float32Array(count);
    for (let m = 0; m < count; m++) {
      const middle = 2 * m + REACH;
      let sum = (input[middle] as number) / 2;
      for (let n = 0; n < LOOKS_AHEAD; n++) {
        const distance = 2 * n + 1;
        sum += (WEIGHTS[n] as number) * ((input[middle - distance] as number) + (input[middle + distance] as number));
      }
      out[m] = sum;
    }
    this.input = input.slice(2 * count);
    return out;
  }
}
