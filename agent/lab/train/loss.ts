/** Softmax of each row of [count][classes]. */
export function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let row = 0; row < logits.length; row += classes) {
    let max = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) max = Math.max(max, logits[row + c] ?? 0);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp((logits[row + c] ?? 0) - max);
    for (let c = 0; c < classes; c++) {
      out[row + c] = Math.exp((logits[row + c] ?? 0) - max) / sum;
    }
  }
  return out;
}

export interface LossAndGradient {
  /** Mean over the batch of KL(target || softmax(logits)), in nats. */
  readonly loss: number;
  /** By the logits. */
  readonly gradient: Float32Array;
}

/** Kullback-Leibler divergence of soft labels from a network's softmax: the loss of between-class learning. */
export function klLoss(
  logits: Float32Array,
  target: Float32Array,
  classes: number,
): LossAndGradient {
  const q = softmaxRows(logits, classes);
  const count = logits.length / classes;
  let loss = 0;
  const gradient = q.map((qi, i) => {
    const p = target[i] ?? 0;
    if (p > 0) loss += p * (Math.log(p) - Math.log(Math.max(qi, 1e-12)));
    return (qi - p) / count;
  });
  return { loss: loss / count, gradient };
}

/** Rows of [count][classes] in which both arrays have their largest value in the same place. */
export function agreeing(a: Float32Array, b: Float32Array, classes: number): number {
  let agreed = 0;
  for (let row = 0; row < a.length; row += classes) {
    if (largest(a.subarray(row, row + classes)) === largest(b.subarray(row, row + classes)))
      agreed++;
  }
  return agreed;
}

/** Index of the largest value; the first of equals. */
export function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}
