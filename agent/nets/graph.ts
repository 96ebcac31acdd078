import { UserError } from '../errors.ts';

/** Height, width, channels of one activation map (channels innermost in memory). */
export type Shape = readonly [height: number, width: number, channels: number];
/** A pair along height and width: kernel, stride or pool. */
export type Pair = readonly [height: number, width: number];

/** How a block's convolution multiplies: real weights (8 bits once deployed) or signs of both operands. */
export type Precision = 'real' | 'binary';

/**
 * The order of operators within a convolution block (a max pool, where there is one, comes last):
 * - `plain`: conv -> batch norm -> ReLU
 * - `paper`: batch norm -> sign -> binary conv -> ReLU (Mohaimenuzzaman et al. 2021, XNOR blocks)
 * - `residual`: per-channel threshold -> sign -> binary conv -> batch norm -> + shortcut -> per-channel PReLU
 */
export type BlockForm = 'plain' | 'paper' | 'residual';

interface NodeBase {
  /** Unique within the net; tensors of a trained or deployed model are named after it. */
  readonly id: string;
  /** The node whose output this one reads. */
  readonly from: string;
}

export interface ConvNode extends NodeBase {
  readonly kind: 'conv';
  readonly form: BlockForm;
  readonly channels: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  /** `same` pads with zero (for a binary convolution: neither +1 nor -1). */
  readonly padding: 'valid' | 'same';
  readonly pool: Pair;
}

/** 1-D features become an image: [1, W, C] -> [C, W, 1] (ACDNet's swap of axes). */
export interface ChannelsToHeightNode extends NodeBase {
  readonly kind: 'channelsToHeight';
}

/** Mean over height and width: [H, W, C] -> [1, 1, C]. */
export interface AverageNode extends NodeBase {
  readonly kind: 'average';
}

export interface DropoutNode extends NodeBase {
  readonly kind: 'dropout';
  readonly rate: number;
}

/** Fully connected over everything it reads, with bias; the last one gives the logits. */
export interface DenseNode extends NodeBase {
  readonly kind: 'dense';
  readonly units: number;
}

/** Log-mel spectrogram of a [1, samples, 1] input: -> [frames, bands, 1]. */
export interface LogMelNode extends NodeBase {
  readonly kind: 'logMel';
  readonly frame: number;
  readonly hop: number;
  readonly bands: number;
}

/** Recurrent layer over height (time); returns the last state: [T, F, C] -> [1, 1, units]. */
export interface LstmNode extends NodeBase {
  readonly kind: 'lstm';
  readonly units: number;
}

export type Node =
  | ConvNode
  | ChannelsToHeightNode
  | AverageNode
  | DropoutNode
  | DenseNode
  | LogMelNode
  | LstmNode;

/** A network architecture: nodes in an order in which each reads only what came before it. */
export interface Net {
  readonly name: string;
  readonly classes: number;
  readonly sampleRate: number;
  /** Shape of one window: [1, samples, 1] for raw audio. */
  readonly input: Shape;
  readonly nodes: readonly Node[];
}

/** The id by which nodes read the window itself. */
export const INPUT = 'input';

/** `binary` where a block's convolution runs on signs. */
export function precisionOf(node: ConvNode): Precision {
  return node.form === 'plain' ? 'real' : 'binary';
}

/** Whether any convolution runs on signs: an XNOR network. */
export function isBinary({ nodes }: Net): boolean {
  return nodes.some((n) => n.kind === 'conv' && precisionOf(n) === 'binary');
}

/** What pruning can take from a node: a convolution's channels, a recurrent layer's units; 0 of any other. */
export function prunableOf(node: Node): number {
  switch (node.kind) {
    case 'conv':
      return node.channels;
    case 'lstm':
      return node.units;
    default:
      return 0;
  }
}

/** Shape of a convolution's output before its pool. */
export function convShape(input: Shape, node: ConvNode): Shape {
  const along = (axis: 0 | 1): number => {
    const stride = node.stride[axis];
    if (node.padding === 'same') return Math.ceil(input[axis] / stride);
    return Math.floor((input[axis] - node.kernel[axis]) / stride) + 1;
  };
  return [along(0), along(1), node.channels];
}

function outputShape(input: Shape, node: Node): Shape {
  switch (node.kind) {
    case 'conv': {
      const [h, w, c] = convShape(input, node);
      return [Math.floor(h / node.pool[0]), Math.floor(w / node.pool[1]), c];
    }
    case 'channelsToHeight':
      return [input[2], input[1], 1];
    case 'average':
      return [1, 1, input[2]];
    case 'dropout':
      return input;
    case 'dense':
    case 'lstm':
      return [1, 1, node.units];
    case 'logMel':
      return [Math.floor((input[1] - node.frame) / node.hop) + 1, node.bands, 1];
  }
}

/**
 * Output shape of every node, by id (with `input` for the window).
 * @throws UserError `net` where a node reads something unknown, repeats an id or has nothing left to compute.
 */
export function shapesOf(net: Net): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>([[INPUT, net.input]]);
  for (const node of net.nodes) {
    const fail = (why: string): never => {
      throw new UserError('net', `network ${net.name}: node "${node.id}" ${why}`);
    };
    if (shapes.has(node.id)) fail('has an id that is already taken');
    const input = shapes.get(node.from) ?? fail(`reads "${node.from}", which is not before it`);
    const shape = outputShape(input, node);
    if (shape.some((n) => !Number.isInteger(n) || n < 1)) {
      fail(`would give an empty map (${shape.join('x')})`);
    }
    shapes.set(node.id, shape);
  }
  return shapes;
}
