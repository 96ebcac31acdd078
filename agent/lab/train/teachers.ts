import type { Kernels } from '../tensorflow.ts';
import { readCheckpoint } from './checkpoint.ts';
import { softmaxRows } from './loss.ts';
import { TrainableNetwork } from './network.ts';
import { frontNodes } from './warm-start.ts';

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
}

/** Trained networks whose mean softmax is learnt from. They share classes and window with the student, not their form. */
export class Teachers {
  readonly #teachers: readonly Teacher[];

  private constructor(teachers: readonly Teacher[]) {
    this.#teachers = teachers;
  }

  /** @throws UserError `training` if a file is not a float network. */
  static async read(paths: readonly string[], kernels: Kernels): Promise<Teachers> {
    const teachers: Teacher[] = [];
    for (const path of paths) {
      const { training, parameters } = await readCheckpoint(path);
      teachers.push({ path, network: new TrainableNetwork(training.net, parameters, kernels) });
    }
    return new Teachers(teachers);
  }

  /** Mean of the teachers' probabilities [count][classes] for windows [count][window]. */
  probabilities(windows: Float32Array, front: FrozenFront): Float32Array {
    const answers = this.#teachers.map((teacher) => {
      const { network } = teacher;
      const logits = sharesFront(teacher, front)
        ? network.inferFrom(front.nodes, front.features)
        : network.infer(windows);
      return softmaxRows(logits, network.net.classes);
    });
    const [first = new Float32Array()] = answers;
    return first.map((_, i) => answers.reduce((sum, p) => sum + (p[i] ?? 0), 0) / answers.length);
  }
}

/** Whether the features of the student's front are what the teacher's own would give. */
function sharesFront({ path, network }: Teacher, front: FrozenFront): boolean {
  const own = frontNodes(network.net).at(-1)?.channels;
  return front.nodes > 0 && front.from === path && own === front.channels;
}
