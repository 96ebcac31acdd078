import type { EvaluationFacts, Figures, TrainingFacts } from '../../model/facts.ts';
import { type Model, tensorBytes } from '../../model/model.ts';

/** The file a card is of. */
export interface CardFile {
  readonly name: string;
  readonly bytes: number;
}

const percent = (x: number): string => (100 * x).toFixed(2);
const millions = (x: number): string => `${(x / 1e6).toFixed(2)} M`;

/** The card of a model, in Markdown: all of it from the model's own file, and read back by nobody. */
export function cardOf(model: Model, file: CardFile): string {
  const { name, labels, provenance, training, evaluation } = model.metadata;
  const folds = provenance.folds ?? [];
  const rows = [
    `| file | \`${file.name}\`, ${file.bytes} bytes, SHA-256 \`${model.hash}\` |`,
    `| classes | ${labels.map(escaped).join(', ')} |`,
    ...(folds.length > 0 ? [`| trained on | folds ${folds.join(', ')} together |`] : []),
    ...(training === undefined ? [] : netRows(training)),
    `| weights, biases and tables | ${tensorBytes(model)} bytes |`,
    ...(training === undefined ? [] : [hoursRow(training)]),
  ];
  const parts = [
    `# ${name}`,
    ['| | |', '|---|---|', ...rows].join('\n'),
    '## Accuracy',
    accuracy(evaluation, folds),
    ...(training === undefined ? [] : ['## Recipe', recipe(training)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Text of a file that anybody may have written, as Markdown that is shown and does nothing. */
function escaped(text: string): string {
  return text.replace(/[<>&|[\]\\]/g, (c) => `&#${c.charCodeAt(0)};`);
}

function netRows({ channels, parameters, realMacs, binaryMacs }: TrainingFacts): readonly string[] {
  return [
    `| channels | ${channels.join(' ')} |`,
    `| parameters | ${parameters} |`,
    `| MACs of a window | ${millions(realMacs)} in 8 bits, ${millions(binaryMacs)} in 1 bit |`,
  ];
}

function hoursRow({ hours }: TrainingFacts): string {
  return `| wall-clock hours of training | ${hours.toFixed(2)} (all stages and teachers of this file) |`;
}

function accuracy(evaluation: EvaluationFacts | undefined, folds: readonly number[]): string {
  const together = evaluation?.crossValidated;
  if (together === undefined) {
    const known = evaluation?.onTrained;
    const seen =
      known === undefined
        ? ''
        : ` On the very clips it was trained on: ${recognised(known)} with ten crops, ${percent(known.singleWindowAccuracy)} % of single windows.`;
    return `No fold was left out of a training by this recipe yet: its accuracy on unseen clips is not known here.${seen}`;
  }
  const rows = together.folds.map(({ fold, ...of }) => row(escaped(fold), of));
  const [low, high] = together.interval;
  const missing = folds.length - together.folds.length;
  const note =
    missing > 0
      ? `\n\n${missing} of ${folds.length} folds have not been left out yet: this is not the whole cross-validation.`
      : '';
  return `Leave one fold out, on the integer engine; the network after the last epoch.

| fold left out | ten crops | single window |
|---|---|---|
${rows.join('\n')}
${row('together', together)}

95 % interval (Wilson) of the ten-crop accuracy: ${percent(low)} to ${percent(high)} %.${note}`;
}

function recognised(of: Figures): string {
  return `${of.correct}/${of.clips} = ${percent(of.accuracy)} %`;
}

function row(fold: string, of: Figures): string {
  return `| ${fold} | ${recognised(of)} | ${percent(of.singleWindowAccuracy)} % |`;
}

function recipe({ stages, commands }: TrainingFacts): string {
  return `${stages.map((stage) => `- ${escaped(stage)}`).join('\n')}

Commands, with the data set in \`esc10/\`:

\`\`\`sh
${commands.map(shellLine).join('\n')}
\`\`\``;
}

/** A command that a reader may copy: words of otolith's own command line, and nothing that a shell does more with. */
function shellLine(command: string): string {
  const safe = /^otolith(?: +(?:[\w@%+=:,./-]+|'[^'`]*'))*$/.test(command);
  return safe ? `npx ${command}` : '# a command that is not shown: it holds what a shell acts on';
}
