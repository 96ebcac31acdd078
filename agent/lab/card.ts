import { costOf, type NetCost } from '../nets/cost.ts';
import type { Net } from '../nets/graph.ts';
import type { Evaluation } from './evaluate.ts';
import { readCheckpoint, type Training } from './train/checkpoint.ts';

/** One training of those that led to a network: a stage, or the teacher of one. */
export interface Stage {
  readonly training: Training;
  readonly hours: number;
}

/** The trainings behind a float network, first one first: what it began with, its teacher's, its own; each once. */
export async function stagesOf(
  path: string,
  seen: Set<string> = new Set(),
): Promise<readonly Stage[]> {
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

export interface CardFacts {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** Of all tensors: weights, biases, thresholds, tables. */
  readonly tensorBytes: number;
  readonly sha256: string;
  readonly labels: readonly string[];
  readonly net: Net;
  readonly stages: readonly Stage[];
  /** Deploying and other commands after the training. */
  readonly commands: readonly string[];
  readonly folds: readonly number[];
  /** Each fold's model on the fold it left out. */
  readonly crossValidated: readonly { readonly fold: string; readonly evaluation: Evaluation }[];
  readonly pooled: Evaluation | undefined;
  /** On the clips it was trained on, where nothing better is known. */
  readonly onTrained: Evaluation | undefined;
}

const percent = (x: number): string => (100 * x).toFixed(2);

/** The card of a model in the zoo, in Markdown. */
export function cardOf(facts: CardFacts): string {
  const cost = costOf(facts.net);
  return `# ${facts.name}

| | |
|---|---|
| file | \`${facts.file}\`, ${facts.bytes} bytes, SHA-256 \`${facts.sha256}\` |
| classes | ${facts.labels.join(', ')} |
| trained on | folds ${facts.folds.join(', ')} together |
| channels | ${channels(facts.net)} |
${costRows(cost)}
| weights, biases and tables | ${facts.tensorBytes} bytes |
| wall-clock hours of training | ${facts.stages.reduce((sum, s) => sum + s.hours, 0).toFixed(2)} (all stages and teachers of this file) |

## Accuracy

${accuracy(facts)}

## Recipe

${facts.stages.map(stageText).join('\n')}

Commands, with the data set in \`esc10/\`:

\`\`\`sh
${commandLines(facts).join('\n')}
\`\`\`
`;
}

function channels(net: Net): string {
  return net.nodes.flatMap((n) => (n.kind === 'conv' ? [`${n.channels}`] : [])).join(' ');
}

function costRows(cost: NetCost): string {
  return [
    `| parameters | ${cost.parameters} |`,
    `| MACs of a window | ${(cost.realMacs / 1e6).toFixed(2)} M in 8 bits, ${(cost.binaryMacs / 1e6).toFixed(2)} M in 1 bit |`,
  ].join('\n');
}

function accuracy({ crossValidated, pooled, folds, onTrained }: CardFacts): string {
  if (pooled === undefined) {
    const seen =
      onTrained === undefined
        ? ''
        : ` On the very clips it was trained on: ${onTrained.correct}/${onTrained.clips} = ${percent(onTrained.accuracy)} % with ten crops, ${percent(onTrained.singleWindowAccuracy)} % of single windows.`;
    return `No fold was left out of a training by this recipe yet: its accuracy on unseen clips is not known here.${seen}`;
  }
  const rows = crossValidated.map(({ fold, evaluation: e }) => row(fold, e));
  const [low, high] = pooled.interval;
  const missing = folds.length - crossValidated.length;
  const note =
    missing > 0
      ? `\n\n${missing} of ${folds.length} folds have not been left out yet: this is not the whole cross-validation.`
      : '';
  return `Leave one fold out, on the integer engine; the network after the last epoch.

| fold left out | ten crops | single window |
|---|---|---|
${rows.join('\n')}
${row('together', pooled)}

95 % interval (Wilson) of the ten-crop accuracy: ${percent(low)} to ${percent(high)} %.${note}`;
}

function row(fold: string, e: Evaluation): string {
  return `| ${fold} | ${e.correct}/${e.clips} = ${percent(e.accuracy)} % | ${percent(e.singleWindowAccuracy)} % |`;
}

function stageText({ training, hours }: Stage): string {
  const { recipe, net } = training;
  const taught = training.teachers
    ? `, ${recipe.distill} of the target from ${training.teachers.map((t) => `\`${t}\``).join(' and ')}`
    : '';
  // A spectrogram has nothing to learn, so nothing stopped learning.
  const front =
    recipe.frontEpochs >= recipe.epochs || net.nodes.some((n) => n.kind === 'logMel')
      ? ''
      : `, 1-D front learning for ${recipe.frontEpochs} of them`;
  const takenFront = training.front ? `, beginning with the front of \`${training.front}\`` : '';
  const mixtures =
    recipe.mixtureEpochs === undefined
      ? ''
      : `, ${recipe.mixtureEpochs} epochs of different mixtures`;
  const weights = recipe.weights === 'real' ? ', real weights under binary activations' : '';
  const average = recipe.average ? `, weights averaged (decay ${recipe.average} a step)` : '';
  const start = training.start ? ` from \`${training.start}\`` : '';
  return (
    `- ${net.name}${start}: ${recipe.epochs} epochs, ${recipe.optimizer} at ${recipe.learningRate} ` +
    `(${recipe.schedule}, batch ${recipe.batch}, weight decay ${recipe.weightDecay}), seed ${recipe.seed}` +
    `${taught}${takenFront}${front}${mixtures}${weights}${average}; ${hours.toFixed(2)} h`
  );
}

/** The commands as one would type them: all folds at once. */
function commandLines({ stages, commands }: CardFacts): readonly string[] {
  const lines = [...stages.map((s) => s.training.command ?? ''), ...commands];
  const withFolds = lines.map((line) =>
    line.startsWith('otolith train')
      ? `${line.replace(/ --folds \S+/g, '').replace(/ --jobs \S+/g, '')} --folds 1,2,3,4,all --jobs 2`
      : line,
  );
  return [...new Set(withFolds.filter((line) => line !== ''))].map((line) => `npx ${line}`);
}
