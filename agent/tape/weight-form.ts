/**
 * How a convolution's stored weights become the ones it multiplies with, and how the gradient comes back. The arrays
 * are small next to the activations, so this is plain arithmetic, and padding for speed happens after it.
 */
export interface WeightForm {
  /**
   * Whether an L2 penalty applies. A sign does not know how large its weight is: a penalty only draws the latent
   * weights together around 0, until each step turns signs over by chance.
   */
  readonly decays: boolean;
  /** What the convolution multiplies with; layout [kh][kw][in][out]. */
  effective(weights: Float32Array, outputs: number): Float32Array;
  /** Gradient by the stored weights from the gradient by the effective ones. */
  pullBack(weights: Float32Array, gradient: Float32Array, outputs: number): Float32Array;
  /** Keeps the stored weights where the form wants them, after each update. */
  project(weights: Float32Array, inputs: number, outputs: number): void;
}

/** Weights as they are. */
export const realWeights: WeightForm = {
  decays: true,
  effective: (weights) => weights,
  pullBack: (_weights, gradient) => gradient,
  project: () => {},
};
