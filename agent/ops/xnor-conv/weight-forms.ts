import type { WeightForm } from '../../tape/weight-form.ts';

const signOf = (w: number): number => (w >= 0 ? 1 : -1);

/**
 * Signs alone, for blocks whose batch norm follows the convolution and so absorbs any scale; gradients pass where
 * |w| <= 1 (straight through), and latent weights stay there.
 */
export const signWeights: WeightForm = {
  decays: false,
  effective: (weights) => weights.map(signOf),
  pullBack: (_weights, gradient) => gradient,
  project: (weights) => clampToOne(weights),
};

/**
 * XNOR-Net's scaled signs (Rastegari et al. 2016, section 3.1): sign(w) * alpha with alpha = mean |w| of the filter;
 * weights are centred over input channels and clamped to +-1 after each update.
 */
export const scaledSignWeights: WeightForm = {
  decays: false,
  effective(weights, outputs) {
    const alpha = meanMagnitude(weights, outputs);
    return weights.map((w, i) => signOf(w) * (alpha[i % outputs] ?? 0));
  },
  pullBack(weights, gradient, outputs) {
    const alpha = meanMagnitude(weights, outputs);
    // d alpha / d w = sign(w) / n: every weight moves its filter's scale.
    const toAlpha = new Float64Array(outputs);
    gradient.forEach((g, i) => {
      toAlpha[i % outputs] = (toAlpha[i % outputs] ?? 0) + g * signOf(weights[i] ?? 0);
    });
    const taps = weights.length / outputs;
    return gradient.map((g, i) => {
      const n = i % outputs;
      const sign = signOf(weights[i] ?? 0);
      return g * (alpha[n] ?? 0) + (sign * (toAlpha[n] ?? 0)) / taps;
    });
  },
  project(weights, inputs, outputs) {
    const stride = inputs * outputs;
    for (let tap = 0; tap < weights.length / stride; tap++) {
      for (let n = 0; n < outputs; n++) {
        let sum = 0;
        for (let c = 0; c < inputs; c++) sum += weights[tap * stride + c * outputs + n] ?? 0;
        const mean = sum / inputs;
        // A single input channel has nothing to be centred against.
        if (inputs > 1)
          for (let c = 0; c < inputs; c++) {
            const i = tap * stride + c * outputs + n;
            weights[i] = (weights[i] ?? 0) - mean;
          }
      }
    }
    clampToOne(weights);
  },
};

function meanMagnitude(weights: Float32Array, outputs: number): Float64Array {
  const alpha = new Float64Array(outputs);
  weights.forEach((w, i) => {
    alpha[i % outputs] = (alpha[i % outputs] ?? 0) + Math.abs(w);
  });
  return alpha.map((a) => a / (weights.length / outputs));
}

function clampToOne(weights: Float32Array): void {
  for (let i = 0; i < weights.length; i++) {
    weights[i] = Math.max(-1, Math.min(1, weights[i] ?? 0));
  }
}
