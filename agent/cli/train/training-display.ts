import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { z } from 'zod';
import { epochSchema } from '../../lab/train/checkpoint.ts';
import { type FoldChoice, foldDir } from '../../lab/train/queue.ts';

/** How far the training of one fold is; also what its process sends to the one that started it. */
export const epochReportSchema = z.strictObject({
  epoch: epochSchema,
  /** Epochs in all. */
  epochs: z.number().int(),
  secondsLeft: z.number(),
  /** Whether it is the first since the program began. */
  first: z.boolean(),
});
export type EpochReport = z.infer<typeof epochReportSchema>;

/** Where the progress of a training is shown. */
export interface TrainingDisplay {
  epoch(fold: FoldChoice, report: EpochReport): void;
  line(fold: FoldChoice, text: string): void;
  stop(): void;
}

/**
 * Bars on `stream`, one for each fold, where it is a terminal; lines of text, which name the fold where there are
 * several, where it is none or where what is printed goes elsewhere (to a file).
 */
export function trainingDisplay(
  folds: readonly FoldChoice[],
  { stream, print, printsToTerminal }: DisplayTarget,
): TrainingDisplay {
  const lines = lineDisplay(folds.length > 1, print);
  if (!stream.isTTY) return lines;
  const bars = barDisplay(folds, stream);
  return printsToTerminal ? bars : both(bars, lines);
}

export interface DisplayTarget {
  /** For bars. */
  readonly stream: NodeJS.WriteStream;
  /** For lines. */
  readonly print: (line: string) => void;
  readonly printsToTerminal: boolean;
}

function both(bars: TrainingDisplay, lines: TrainingDisplay): TrainingDisplay {
  return {
    epoch: (fold, report) => {
      bars.epoch(fold, report);
      lines.epoch(fold, report);
    },
    line: (fold, text) => lines.line(fold, text),
    stop: () => bars.stop(),
  };
}

function lineDisplay(severalFolds: boolean, print: (line: string) => void): TrainingDisplay {
  const line = (fold: FoldChoice, text: string): void =>
    print(severalFolds ? `${foldDir(fold)}: ${text}` : text);
  return {
    line,
    epoch: (fold, report) => {
      if (worthALine(report)) line(fold, lineOf(report));
    },
    stop: () => {},
  };
}

/** Every fifth epoch, and those in which the fold left out was looked at. */
function worthALine({ epoch, first }: EpochReport): boolean {
  return first || epoch.heldOut !== undefined || epoch.epoch % 5 === 0;
}

function lineOf({ epoch, epochs, secondsLeft }: EpochReport): string {
  const minutes = Math.round(secondsLeft / 60);
  const tested = epoch.heldOut === undefined ? '' : `, ${heldOutText(epoch.heldOut)}`;
  return (
    `epoch ${epoch.epoch}/${epochs} loss ${epoch.loss.toFixed(4)}, ${epoch.seconds.toFixed(2)} s, ` +
    `${minutes} min left${tested}`
  );
}

type HeldOut = NonNullable<EpochReport['epoch']['heldOut']>;

function heldOutText({ accuracy, singleWindowAccuracy }: HeldOut): string {
  const percent = (share: number): string => (100 * share).toFixed(2);
  return `held out ${percent(accuracy)} % (10 crops) ${percent(singleWindowAccuracy)} % (1)`;
}

const FORMAT = '{fold} {bar} {value}/{total} {what}';

function barDisplay(folds: readonly FoldChoice[], stream: NodeJS.WriteStream): TrainingDisplay {
  // Ctrl-C ends the program as it does without bars: the checkpoint is whole at any time.
  const options = { format: FORMAT, stream, gracefulExit: false, linewrap: true, barsize: 24 };
  const bars = new MultiBar(options, Presets.shades_classic);
  const width = Math.max(...folds.map((fold) => foldDir(fold).length));
  const byFold = new Map<FoldChoice, SingleBar>(
    folds.map((fold) => {
      const labels = { fold: foldDir(fold).padEnd(width), what: 'waiting' };
      return [fold, bars.create(1, 0, labels)];
    }),
  );
  const heldOut = new Map<FoldChoice, HeldOut>();
  return {
    epoch: (fold, { epoch, epochs, secondsLeft }) => {
      if (epoch.heldOut !== undefined) heldOut.set(fold, epoch.heldOut);
      const tested = heldOut.get(fold);
      const what = [
        `loss ${epoch.loss.toFixed(3)}`,
        `${epoch.seconds.toFixed(2)} s/epoch`,
        `${duration(secondsLeft)} left`,
        ...(tested === undefined ? [] : [heldOutText(tested)]),
      ].join(', ');
      const bar = byFold.get(fold);
      bar?.setTotal(epochs);
      bar?.update(epoch.epoch, { what });
    },
    line: (fold, text) => bars.log(`${foldDir(fold)}: ${text}\n`),
    stop: () => {
      bars.update();
      bars.stop();
    },
  };
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${Math.round(seconds)} s`;
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
