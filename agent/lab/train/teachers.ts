import { UserError } from '../../base/errors.ts';
import type { ClipSet } from '../../model/plan.ts';
import type { Net } from '../../nets/graph.ts';
import type { Kernels } from '../../tape/tensorflow.ts';
import { readCheckpoint, type Training } from './checkpoint.ts';
import { softmaxRows } from './loss.ts';
import { TrainableNetwork } from './network.ts';
import { frontChannels } from './warm-start.ts';

/** What the student's front, which no longer learns, made of the windows. */
interface FrozenFront {
  /** File of the network it was taken from, and its channels. */
  readonly from: string | undefined;
  readonly channels: number | undefined;
  /** Nodes that `features` have passed. */
  readonly nodes: number;
  readonly features: Float32Array;
}

interface Teacher {
  readonly path: string;
  readonly network: TrainableNetwork;
  /** Which of its outputs each class of the student is. */
  readonly order: readonly number[];
}

/** The network that is taught. */
interface Student {
  readonly net: Net;
  readonly labels: readonly string[];
}

/** Trained networks whose mean softmax is learnt from. They share classes and window with the student, not their form. */
export class Teachers {
  readonly #teachers: readonly Teacher[];

  /** Clips that each had met; undefined for one that does not say. */
  readonly seen: readonly (ClipSet | undefined)[];

  private constructor(teachers: readonly Teacher[], seen: readonly (ClipSet | undefined)[]) {
    this.#teachers = teachers;
    this.seen = seen;
  }

  /** @throws UserError `training` if a file is not a float network, or one of other classes, rate or window. */
  static async read(
    paths: readonly string[],
    student: Student,
    kernels: Kernels,
  ): Promise<Teachers> {
    const teachers: Teacher[] = [];
    const seen: (ClipSet | undefined)[] = [];
    for (const path of paths) {
      const { training, parameters } = await readCheckpoint(path);
      const order = orderFor(student, path, training);
      const network = new TrainableNetwork(training.net, parameters, kernels);
      teachers.push({ path, network, order });
      seen.push(training.clips);
    }
    return new Teachers(teachers, seen);
  }

  /** Mean of the teachers' probabilities [count][classes] for windows [count][window]. */
  probabilities(windows: Float32Array, front: FrozenFront): Float32Array {
    const answers = this.#teachers.map((teacher) => {
      const { network, order } = teacher;
      const logits = sharesFront(teacher, front)
        ? network.inferFrom(front.nodes, front.features)
        : network.infer(windows);
      const probabilities = softmaxRows(logits, network.net.classes);
      return probabilities.map((_, i) => {
        const row = i - (i % order.length);
        return probabilities[row + (order[i - row] ?? 0)] ?? 0;
      });
    });
    const [first = new Float32Array()] = answers;
    return first.map((_, i) => answers.reduce((sum, p) => sum + (p[i] ?? 0), 0) / answers.length);
  }
}

/** @throws UserError `training` that says what differs */
function orderFor(student: Student, path: string, { labels, net }: Training): readonly number[] {
  const fail = (what: string): never => {
    throw new UserError('training', `the teacher ${path} ${what}`, {
      hint: 'give --teacher runs of the same classes, rate and window',
    });
  };
  const lacking = student.labels.filter((label) => !labels.includes(label));
  const foreign = labels.filter((label) => !student.labels.includes(label));
  if (lacking.length > 0) fail(`does not know ${lacking.join(', ')}`);
  if (foreign.length > 0) fail(`knows ${foreign.join(', ')} besides, which the data lack`);
  const [rate, window] = [net.sampleRate, net.input[1]];
  if (rate !== student.net.sampleRate || window !== student.net.input[1]) {
    const ours = `${student.net.input[1]} samples at ${student.net.sampleRate} Hz`;
    fail(`hears windows of ${window} samples at ${rate} Hz, ${student.net.name} of ${ours}`);
  }
  return student.labels.map((label) => labels.indexOf(label));
}

/** Whether the features of the student's front are what the teacher's own would give. */
function sharesFront({ path, network }: Teacher, front: FrozenFront): boolean {
  const own = frontChannels(network.net);
  return front.nodes > 0 && front.from === path && own === front.channels;
}
