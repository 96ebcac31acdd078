import type { TrainingFacts } from '../../model/facts.ts';
import { costOf } from '../../nets/cost.ts';
import { channelsOf, hasFixedFront, isBinary } from '../../nets/traits.ts';
import { readCheckpoint, type Training } from '../train/checkpoint.ts';

/** One training of those that led to a network: a stage, or the teacher of one. */
interface Stage {
  readonly training: Training;
  readonly hours: number;
}

/** The trainings behind a float network, first one first: what it began with, its teacher's, its own; each once. */
async function stagesOf(path: string, seen: Set<string> = new Set()): Promise<readonly Stage[]> {
  const { training } = await readCheckpoint(path);
  const before: Stage[] = [];
  for (const earlier of [training.start, ...(training.teachers ?? []), training.front]) {
    if (earlier === undefined || seen.has(earlier)) continue;
    seen.add(earlier);
    before.push(...(await stagesOf(earlier, seen)));
  }
  const hours = training.history.reduce((sum, e) => sum + e.seconds, 0) / 3600;
  return [...before, { training, hours }];
}

/**
 * What a model's file says of its training.
 * @param network the float network, beside which its stages are remembered
 * @param commands deploying and others after the training
 * @throws UserError `training` if a network that it came from is gone
 */
export async function trainingFacts(
  network: string,
  commands: readonly string[],
): Promise<TrainingFacts> {
  const stages = await stagesOf(network);
  const { net } = (await readCheckpoint(network)).training;
  const { parameters, realMacs, binaryMacs } = costOf(net);
  return {
    channels: [...channelsOf(net)],
    parameters,
    realMacs,
    binaryMacs,
    hours: stages.reduce((sum, s) => sum + s.hours, 0),
    stages: stages.map((stage) => oneLine(stageText(stage))),
    commands: commandLines(stages, commands).map(oneLine),
  };
}

/** As a file's metadata take it. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 2000);
}

/** One training in a sentence. */
function stageText({ training, hours }: Stage): string {
  const { recipe, net } = training;
  const taught = training.teachers
    ? `, ${recipe.distill} of the target from ${training.teachers.map((t) => `\`${t}\``).join(' and ')}`
    : '';
  // A spectrogram has nothing to learn, so nothing stopped learning.
  const front =
    recipe.frontEpochs >= recipe.epochs || hasFixedFront(net)
      ? ''
      : `, 1-D front learning for ${recipe.frontEpochs} of them`;
  const takenFront = training.front ? `, beginning with the front of \`${training.front}\`` : '';
  const mixtures =
    recipe.mixtureEpochs === undefined
      ? ''
      : `, ${recipe.mixtureEpochs} epochs of different mixtures`;
  const weights = recipe.weights === 'real' ? ', real weights under binary activations' : '';
  const average = recipe.average ? `, weights averaged (decay ${recipe.average} a step)` : '';
  // The signs of a weight that is drawn to zero would turn over by chance.
  const decayed = isBinary(net) && recipe.weightDecay > 0 ? ' of what is not binary' : '';
  const start = training.start ? ` from \`${training.start}\`` : '';
  return (
    `${net.name}${start}: ${recipe.epochs} epochs, ${recipe.optimizer} at ${recipe.learningRate} ` +
    `(${recipe.schedule}, batch ${recipe.batch}, weight decay ${recipe.weightDecay}${decayed}), seed ${recipe.seed}` +
    `${taught}${takenFront}${front}${mixtures}${weights}${average}; ${hours.toFixed(2)} h`
  );
}

/** The commands as one would type them: all folds at once. */
function commandLines(stages: readonly Stage[], commands: readonly string[]): string[] {
  const lines = stages.flatMap((s) => (s.training.command ?? '').split('\n'));
  const withFolds = [...lines, ...commands].map((line) =>
    line.startsWith('otolith train')
      ? `${line.replace(/ --folds \S+/g, '').replace(/ --jobs \S+/g, '')} --folds 1,2,3,4,all --jobs 2`
      : line,
  );
  return [...new Set(withFolds.filter((line) => line !== ''))];
}
