import { Resampler, toInt16 } from './resample.ts';
import { SAMPLE_RATE } from './source.ts';

/** Little-endian 16-bit PCM in any portions (a sample may be split) to 20 kHz. */
export class PcmDecoder {
  readonly #resampler: Resampler;
  #odd: Buffer = Buffer.alloc(0);

  /** `rate` of the PCM, in Hz. */
  constructor(rate: number) {
    this.#resampler = new Resampler(rate, SAMPLE_RATE);
  }

  /** The samples as they came, and at 20 kHz. */
  push(bytes: Buffer): { readonly raw: Int16Array; readonly samples: Int16Array } {
    const all = this.#odd.length === 0 ? bytes : Buffer.concat([this.#odd, bytes]);
    const raw = new Int16Array(all.length >> 1);
    const input = new Float32Array(raw.length);
    for (let i = 0; i < raw.length; i++) {
      const x = all.readInt16LE(2 * i);
      raw[i] = x;
      input[i] = x / 32768;
    }
    this.#odd = all.subarray(2 * raw.length);
    return { raw, samples: toInt16(this.#resampler.push(input)) };
  }
}
