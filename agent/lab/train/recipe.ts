import { z } from 'zod';

/** Everything that decides the weights a training gives, besides data and architecture. */
export const recipeSchema = z.strictObject({
  epochs: z.number().int().min(1),
  batch: z.number().int().min(2),
  optimizer: z.enum(['sgd', 'adam']),
  learningRate: z.number().positive(),
  /** L2 penalty, on all but latent binary weights. */
  weightDecay: z.number().min(0),
  /** `steps`: a tenth after 30, 60 and 90 % of the epochs; `cosine`: half a cosine down to 0. */
  schedule: z.enum(['steps', 'cosine']),
  /** Epochs of linear warm-up before the schedule's rate is reached. */
  warmup: z.number().int().min(0),
  /** Share of the target taken from the mean softmax of the teachers. */
  distill: z.number().min(0).max(1),
  /**
   * Epochs in which the 1-D front learns too; afterwards it runs with its running statistics and no gradient, which
   * takes less than half the time per step.
   */
  frontEpochs: z.number().int().min(0),
  /**
   * Epochs of different mixtures, which then come again from the first; what teachers said of them is kept in memory,
   * and once the front has stopped learning what it made of them (12 KB a window for Micro's front). New ones in each
   * epoch if absent.
   */
  mixtureEpochs: z.number().int().min(1).optional(),
  /** Decay per step of an exponential moving average of all parameters, which is then the result; none if absent. */
  average: z.number().gt(0).lt(1).optional(),
  /**
   * What binary convolutions multiply with; `real` is the first of two stages, binary activations under real weights
   * (Martinez et al. 2020), from which a second one starts. Signs if absent.
   */
  weights: z.enum(['binary', 'real']).optional(),
  seed: z.number().int(),
});
export type Recipe = z.infer<typeof recipeSchema>;

/** Float ACDNets: SGD 0.1, momentum 0.9 (Nesterov), weight decay 5e-4; cosine suits short trainings better than steps. */
const REAL = {
  epochs: 2000,
  batch: 64,
  optimizer: 'sgd',
  learningRate: 0.1,
  weightDecay: 5e-4,
  schedule: 'cosine',
  warmup: 10,
  distill: 0,
  frontEpochs: 2000,
  seed: 1,
} as const satisfies Recipe;

/** Recipes of the study by network form; epochs are the study's, which a command usually shortens. */
export const RECIPES = {
  real: REAL,
  /** Paper's XNOR: Adam 1e-3, weight decay 1e-4, cosine. */
  paper: {
    epochs: 2000,
    batch: 64,
    optimizer: 'adam',
    learningRate: 1e-3,
    weightDecay: 1e-4,
    schedule: 'cosine',
    warmup: 0,
    distill: 0,
    frontEpochs: 2000,
    seed: 1,
  },
  /** Residual XNOR: Adam 2e-3 without decay. */
  residual: {
    epochs: 720,
    batch: 64,
    optimizer: 'adam',
    learningRate: 2e-3,
    weightDecay: 0,
    schedule: 'cosine',
    warmup: 0,
    distill: 0,
    frontEpochs: 2000,
    seed: 1,
  },
  /** Convolutions on a spectrogram, which is fixed: as the float ACDNets, in fewer epochs. */
  spectrogram: { ...REAL, epochs: 600, frontEpochs: 0 },
  /** Recurrent networks on a spectrogram: Adam, since no batch norm keeps the gates in range. */
  recurrent: {
    epochs: 600,
    batch: 64,
    optimizer: 'adam',
    learningRate: 3e-3,
    weightDecay: 1e-5,
    schedule: 'cosine',
    warmup: 5,
    distill: 0,
    frontEpochs: 0,
    seed: 1,
  },
} as const satisfies Record<string, Recipe>;

/** Learning rate of a step, `progress` counted in epochs from 0. */
export function learningRateAt(recipe: Recipe, progress: number): number {
  const { learningRate, warmup, epochs, schedule } = recipe;
  if (progress < warmup) return learningRate * Math.max(0.1, progress / warmup);
  const done = progress / epochs;
  switch (schedule) {
    case 'steps':
      return learningRate * 0.1 ** [0.3, 0.6, 0.9].filter((at) => done >= at).length;
    case 'cosine':
      return cosineRate(learningRate, done);
  }
}

/** Half a cosine from `rate` down to 0; `done` is the share of the training, 0 to 1. */
export function cosineRate(rate: number, done: number): number {
  return 0.5 * rate * (1 + Math.cos(Math.PI * done));
}
