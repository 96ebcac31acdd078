/** What every node of a network says: its operator, its id (its tensors are named after it), and the node it reads. */
export interface AnyNode {
  readonly kind: string;
  readonly id: string;
  readonly from: string;
}

/** The id by which nodes read the window itself. */
export const INPUT = 'input';

/** What one node costs for one window. */
export interface NodeCost {
  /** Multiply-accumulates on real (8-bit) operands; every tap counts, padding included. */
  readonly realMacs: number;
  /** Multiply-accumulates on signs. */
  readonly binaryMacs: number;
  /** Trainable numbers in all: weights, batch norm, biases, thresholds, slopes. */
  readonly parameters: number;
}

export const FREE_NODE: NodeCost = { realMacs: 0, binaryMacs: 0, parameters: 0 };
