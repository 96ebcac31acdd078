import { join } from 'node:path';
import { makeFolder } from '../../base/folder.ts';
import { frontOf } from '../../nets/traits.ts';
import { TrainingRandom } from '../../tape/random.ts';
import { Kernels } from '../../tape/tensorflow.ts';
import type { Clip } from '../data/dataset.ts';
import { labelledFor } from '../data/for-network.ts';
import { evaluateNetwork } from '../evaluation/evaluate-network.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import type { MixedBatch } from '../mixing/mixer.ts';
import { mixSource } from '../mixing/mixer.ts';
import { MixingThread } from '../mixing/pool.ts';
import { WeightAverage } from './average.ts';
import { type Epoch, type Training, writeCheckpoint } from './checkpoint.ts';
import { refuseInfeasible } from './feasible.ts';
import { initialState, splitFolds } from './initial-state.ts';
import { agreeing, klLoss } from './loss.ts';
import { TrainableNetwork } from './network.ts';
import { Optimizer } from './optimizer.ts';
import type { TrainOptions } from './options.ts';
import { learningRateAt } from './recipe.ts';
import { resultAt } from './result.ts';
import { Teachers } from './teachers.ts';
import { frontChannels } from './warm-start.ts';

/** A batch past the part of the network that does not learn. */
interface Prepared {
  /** Nodes that `features` have passed. */
  readonly frozen: number;
  readonly features: Float32Array;
  readonly target: Float32Array;
  /** The mixture's own labels, whatever a teacher says. */
  readonly labels: Float32Array;
}

/** Batches mixed ahead of the step that uses them. */
const AHEAD = 2;

/**
 * Trains a network, or continues where a checkpoint in `dir` ends; nothing is chosen by the fold held out: the
 * network after the last epoch is the result, in network.safetensors.
 * @throws UserError `training` if the checkpoint is of another training.
 */
export async function train(options: TrainOptions): Promise<Training> {
  await makeFolder(options.dir);
  const run = await Run.prepare(options);
  try {
    return await run.all();
  } finally {
    await run.stop();
  }
}

class Run {
  readonly #options: TrainOptions;
  readonly #network: TrainableNetwork;
  readonly #optimizer: Optimizer;
  readonly #average: WeightAverage | undefined;
  /** The network as it would be given now: averaged, where the recipe says so. */
  readonly #result: TrainableNetwork;
  readonly #teachers: Teachers | undefined;
  readonly #mixing: MixingThread;
  readonly #heldOut: readonly Clip[];
  readonly #batches: number;
  /** Nodes of the 1-D front. */
  readonly #front: number;
  #training: Training;
  /** Batches past a front that stopped learning, and what teachers said of batches, by their key. */
  readonly #cached = new Map<number, Prepared>();
  readonly #taught = new Map<number, Float32Array>();
  #ahead: { at: number; next: number; readonly batches: Promise<MixedBatch>[] } | undefined;

  private constructor(
    options: TrainOptions,
    training: Training,
    network: TrainableNetwork,
    optimizer: Optimizer,
    average: WeightAverage | undefined,
    result: TrainableNetwork,
    teachers: Teachers | undefined,
  ) {
    this.#front = frontOf(options.net).length;
    this.#options = options;
    this.#training = training;
    this.#network = network;
    this.#optimizer = optimizer;
    this.#average = average;
    this.#result = result;
    this.#teachers = teachers;
    const split = splitFolds(options.dataset, options.heldOut);
    this.#heldOut = split.heldOut;
    this.#batches = Math.ceil(split.training.length / options.recipe.batch);
    this.#mixing = new MixingThread(
      mixSource(split.training, {
        classes: options.net.classes,
        sampleRate: options.dataset.sampleRate,
        window: options.net.input[1],
      }),
    );
    this.#mixing.start();
  }

  static async prepare(options: TrainOptions): Promise<Run> {
    const kernels = new Kernels(options.tf);
    const { net, recipe, dataset, heldOut } = options;
    const { training: clips } = splitFolds(dataset, heldOut);
    refuseInfeasible({ net, labels: dataset.labels, batch: recipe.batch, clips, heldOut });
    const wanted = { name: net.name, labels: dataset.labels, sampleRate: net.sampleRate };
    labelledFor(wanted, dataset);
    const teachers =
      options.teachers && (await Teachers.read(options.teachers, { net, ...wanted }, kernels));
    const { training, parameters, state } = await initialState(
      options,
      clips,
      teachers?.seen ?? [],
    );
    const network = new TrainableNetwork(options.net, parameters, kernels);
    const { optimizer: kind, weightDecay, average: decay } = options.recipe;
    const optimizer = new Optimizer({ kind, weightDecay }, parameters);
    const average = decay === undefined ? undefined : new WeightAverage(decay, parameters);
    const result =
      average === undefined
        ? network
        : new TrainableNetwork(options.net, average.parameters, kernels);
    if (training.epoch > 0) {
      optimizer.restore(state, training.steps);
      average?.restore(state);
    }
    return new Run(options, training, network, optimizer, average, result, teachers);
  }

  async stop(): Promise<void> {
    await this.#mixing.stop();
  }

  async all(): Promise<Training> {
    const { recipe, signal } = this.#options;
    while (this.#training.epoch < recipe.epochs) {
      signal?.throwIfAborted();
      const started = performance.now();
      const { loss, agreement } = await this.#epoch(this.#training.epoch);
      const epoch = this.#training.epoch + 1;
      const seconds = (performance.now() - started) / 1000;
      const evaluation = this.#evaluated(epoch);
      const entry: Epoch = { epoch, loss, agreement, seconds, ...heldOutOf(evaluation) };
      const steps = this.#training.steps + this.#batches;
      const history = [...this.#training.history, entry];
      const result = evaluation === undefined ? {} : { result: resultAt(epoch, evaluation) };
      this.#training = { ...this.#training, epoch, steps, history, ...result };
      await this.#checkpoint();
      this.#options.onEpoch?.(entry, this.#training);
    }
    const path = join(this.#options.dir, 'network.safetensors');
    await writeCheckpoint(path, this.#training, this.#result.parameters, new Map());
    return this.#training;
  }

  async #checkpoint(): Promise<void> {
    const path = join(this.#options.dir, 'checkpoint.safetensors');
    const state = new Map([...this.#optimizer.state(), ...(this.#average?.state() ?? [])]);
    await writeCheckpoint(path, this.#training, this.#network.parameters, state);
  }

  /** On the clips left out, where it is time to look at them. */
  #evaluated(epoch: number): Evaluation | undefined {
    const { epochs } = this.#options.recipe;
    const every = this.#options.evaluateEvery ?? Math.min(50, Math.ceil(epochs / 20));
    const due = epoch % every === 0 || epoch === epochs;
    if (!due || this.#heldOut.length === 0) return undefined;
    return evaluateNetwork(this.#result, this.#heldOut);
  }

  /** One pass over as many mixed windows as there are clips, rounded up to whole batches. */
  async #epoch(epoch: number): Promise<{ loss: number; agreement: number }> {
    const { batch } = this.#options.recipe;
    let loss = 0;
    let agreed = 0;
    for (let step = 0; step < this.#batches; step++) {
      const key = epoch * this.#batches + step;
      const prepared = await this.#prepared(key, epoch);
      const result = this.#step(prepared, epoch + step / this.#batches, key);
      loss += result.loss / this.#batches;
      agreed += result.agreed;
    }
    return { loss, agreement: agreed / (this.#batches * batch) };
  }

  /** The batch of a step, with the next ones already asked for: also those of the next epoch. */
  #nextBatch(key: number): Promise<MixedBatch> {
    const { batch, seed } = this.#options.recipe;
    const ask = (k: number): Promise<MixedBatch> => this.#mixing.batch(batch, seed, k);
    // After a resumed or repeated stretch the batches asked for are not the wanted ones.
    if (this.#ahead?.at !== key) this.#ahead = { at: key, next: key, batches: [] };
    this.#ahead.at++;
    while (this.#ahead.batches.length <= AHEAD) {
      this.#ahead.batches.push(ask(this.#ahead.next++));
    }
    const mixed = this.#ahead.batches.shift();
    if (mixed === undefined) throw new Error('no batch was asked for');
    return mixed;
  }

  /** What a step learns from: mixed again, or what an earlier epoch has cached. */
  async #prepared(key: number, epoch: number): Promise<Prepared> {
    const { frontEpochs, mixtureEpochs } = this.#options.recipe;
    const repeats = mixtureEpochs !== undefined;
    const round = repeats ? key % (mixtureEpochs * this.#batches) : key;
    const cached = this.#cached.get(round);
    if (cached !== undefined) return cached;
    const mixed = await this.#nextBatch(round);
    const frozen = epoch < frontEpochs ? 0 : this.#front;
    const features = this.#network.front(frozen, mixed.windows);
    const target = this.#taught.get(round) ?? this.#target(mixed, frozen, features);
    const prepared = { frozen, features, target, labels: mixed.labels };
    if (repeats && frozen > 0) this.#cached.set(round, prepared);
    if (repeats) this.#taught.set(round, target);
    return prepared;
  }

  #step(prepared: Prepared, progress: number, key: number): { loss: number; agreed: number } {
    const { classes } = this.#options.net;
    const { recipe } = this.#options;
    const { frozen, features, target, labels } = prepared;
    const random = new TrainingRandom(recipe.seed, key, 0xd70);
    return this.#network.train(frozen, features, random, (run) => {
      const { loss, gradient } = klLoss(run.logits, target, classes);
      const gradients = run.backward(gradient);
      run.updateStatistics();
      const { parameters } = this.#network;
      this.#optimizer.step(parameters, gradients, learningRateAt(recipe, progress));
      this.#average?.update(parameters, key);
      return { loss, agreed: agreeing(run.logits, labels, classes) };
    });
  }

  #target(mixed: MixedBatch, nodes: number, features: Float32Array): Float32Array {
    const { net, front, recipe } = this.#options;
    const share = recipe.distill;
    if (this.#teachers === undefined || share === 0) return mixed.labels;
    const channels = frontChannels(net);
    const taught = this.#teachers.probabilities(mixed.windows, {
      from: front,
      channels,
      nodes,
      features,
    });
    return mixed.labels.map((p, i) => (1 - share) * p + share * (taught[i] ?? 0));
  }
}

function heldOutOf(evaluation: Evaluation | undefined): Pick<Epoch, 'heldOut'> {
  if (evaluation === undefined) return {};
  const { accuracy, singleWindowAccuracy } = evaluation;
  return { heldOut: { accuracy, singleWindowAccuracy } };
}
