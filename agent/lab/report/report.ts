import { costOf } from '../../nets/cost.ts';
import { foldName, TEST_FOLD } from '../data/listing.ts';
import type { Training } from '../train/checkpoint.ts';
import { resultOf } from '../train/result.ts';
import { type Curve, chart } from './chart.ts';
import { classTable, confusionTable } from './classes.ts';
import { factTable, type Html, html } from './html.ts';
import { STYLE } from './style.ts';

/** What a report says besides the training itself. */
export interface ReportContext {
  readonly now: Date;
  /** Version of otolith. */
  readonly version: string;
  /** Where the data are, and what they are, line by line. */
  readonly data: string;
  readonly dataLines: readonly string[];
  /** Clips learnt from, and left out. */
  readonly clips: { readonly training: number; readonly heldOut: number };
}

/** A training as one HTML page: its result, its curves as inline SVG, its recipe. Opens anywhere, needs nothing. */
export function trainingReport(training: Training, context: ReportContext): string {
  const { net, recipe } = training;
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${net.name}: a training</title>
${STYLE}
<h1>${net.name}</h1>
${facts(training, context)}
<h2>On the clips left out</h2>
${heldOut(training)}
<h2>Accuracy</h2>
${chart(shares(training), 1, training.epoch)}
<h2>Loss</h2>
${lossChart(training)}
<h2>Recipe</h2>
${factTable(Object.entries(recipe).map(([name, value]) => [name, String(value)] as const))}
<h2>Data</h2>
<pre class="wide">${context.dataLines.join('\n')}</pre>
</html>
`;
  return page.text;
}

function facts(training: Training, { now, version, data, clips }: ReportContext): Html {
  const { net, history, folds } = training;
  const cost = costOf(net);
  const hours = history.reduce((sum, e) => sum + e.seconds, 0) / 3600;
  const out = clips.heldOut === 0 ? 'none' : `${leftOut(training)}, ${clips.heldOut} clips`;
  return factTable([
    ['date', `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['network', `${cost.parameters} parameters, ${(cost.macs / 1e6).toFixed(1)} M MACs a window`],
    ['classes', training.labels.join(', ')],
    ['data', data],
    ['learnt from', `folds ${folds.join(', ')}, ${clips.training} clips`],
    ['left out', `${out} (shown, never chosen by)`],
    ['epochs', `${training.epoch} of ${training.recipe.epochs}, ${hours.toFixed(2)} hours`],
    ['command', training.command ?? ''],
    ['otolith', version],
  ]);
}

function leftOut({ heldOut }: Training): string {
  return foldName(heldOut ?? TEST_FOLD);
}

function heldOut(training: Training): Html {
  const result = resultOf(training);
  if (result === undefined) {
    return html`<p>None was left out, or not looked at yet: how this network does on clips that it has not learnt from is not known.</p>`;
  }
  const percent = (share: number): string => (100 * share).toFixed(1);
  const [low, high] = result.interval;
  const { epoch = training.epoch } = training.result ?? {};
  return html`<p class="figure">${percent(result.accuracy)} %</p>
<p>${result.correct} of ${result.clips} clips (${leftOut(training)}) right after epoch ${epoch}, ten crops each; 95 % interval (Wilson)
${percent(low)} to ${percent(high)} %. Single windows: ${percent(result.singleWindowAccuracy)} %. As a float network; quantizing may change it.</p>
${classTable(training.labels, result)}
<div class="wide">${confusionTable(training.labels, result)}</div>`;
}

function shares({ history }: Training): readonly Curve[] {
  const tested = history.flatMap((e) => (e.heldOut ? [{ epoch: e.epoch, ...e.heldOut }] : []));
  const mixtures: Curve = {
    name: 'mixtures whose louder class is given, in training',
    colour: 'mixtures',
    points: history.map((e) => [e.epoch, e.agreement]),
  };
  if (tested.length === 0) return [mixtures];
  return [
    mixtures,
    {
      name: 'clips left out, ten crops',
      colour: 'clips',
      points: tested.map((e) => [e.epoch, e.accuracy]),
    },
    {
      name: 'clips left out, single windows',
      colour: 'windows',
      points: tested.map((e) => [e.epoch, e.singleWindowAccuracy]),
    },
  ];
}

function lossChart({ history, epoch }: Training): Html {
  const loss: Curve = {
    name: 'loss (KL divergence from the mixed labels, nats)',
    colour: 'loss',
    points: history.map((e) => [e.epoch, e.loss]),
  };
  return chart([loss], Math.max(...history.map((e) => e.loss), 0.1), epoch);
}
