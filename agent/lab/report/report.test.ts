import { describe, expect, it } from 'vitest';
import { acdnet } from '../../nets/acdnet.ts';
import type { Training } from '../train/checkpoint.ts';
import { RECIPES } from '../train/recipe.ts';
import { html } from './html.ts';
import { trainingReport } from './report.ts';

const EVIL = `</title><script>alert("x")</script>'&\u0007`;
const net = acdnet({
  name: EVIL,
  channels: [2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
  classes: 2,
  form: 'real',
});

/** A training of two epochs, the second of which was looked at. */
const training: Training = {
  format: 'otolith-training',
  version: 1,
  net,
  labels: [EVIL, 'dog'],
  recipe: { ...RECIPES.real, epochs: 2 },
  folds: [2, 3],
  heldOut: 1,
  dataset: 'two clips',
  command: `otolith train --name '${EVIL}'`,
  epoch: 2,
  steps: 2,
  history: [
    { epoch: 1, loss: 2, agreement: 0.5, seconds: 1 },
    {
      ...{ epoch: 2, loss: 1, agreement: 0.6, seconds: 1 },
      heldOut: { accuracy: 0.75, singleWindowAccuracy: 0.6 },
    },
  ],
  result: {
    ...{ epoch: 2, windows: 80, windowsCorrect: 48 },
    confusion: [
      [3, 1],
      [1, 3],
    ],
  },
};
const context = {
  ...{ now: new Date(Date.UTC(2026, 0, 2, 3, 4)), version: '1.2.3', data: `/data/${EVIL}` },
  dataLines: [`data: ${EVIL}`],
  clips: { training: 20, heldOut: 8 },
};

describe('a report', () => {
  const page = trainingReport(training, context);

  it('has the figure with its interval, also of a training of two epochs', () => {
    expect(page).toContain('<p class="figure">75.0 %</p>');
    expect(page).toMatch(/6 of 8 clips \(fold 1\) right after epoch 2.*\n40\.9 to 92\.9 %/);
    expect(page).toContain('Single windows: 60.0 %');
    // A curve of one point is a dot.
    expect(page).toMatch(/<circle class="clips"/);
  });

  it('has a table of classes and a confusion matrix with headings both ways', () => {
    expect(page).toMatch(/<th scope="row">dog<\/th><td>4<\/td><td>3<\/td>\n<td>75\.0<\/td>/);
    expect(page).toMatch(/<th scope="col" class="turned"><span>dog<\/span>/);
    expect(page).toContain('rows: what a clip is; columns: what it was taken for');
    expect(page).toMatch(/title="dog taken for .*: 1">1<\/td>/);
  });

  it('says when, from what data and by which recipe, row by row', () => {
    expect(page).toContain('2026-01-02 03:04 UTC');
    expect(page).toContain('folds 2, 3, 20 clips');
    expect(page).toContain('fold 1, 8 clips (shown, never chosen by)');
    expect(page).toMatch(/<th scope="row">learningRate<\/th><td>0\.1<\/td>/);
    expect(page).toMatch(/<th scope="row">schedule<\/th><td>cosine<\/td>/);
  });

  it('keeps what others wrote as text, fetches nothing, and turns dark', () => {
    expect(page).not.toContain('<script');
    expect(page).not.toContain('\u0007');
    expect(page).not.toMatch(/(?:src|href)=|url\(|@import/);
    expect(page).toContain('prefers-color-scheme:dark');
    expect(page.match(/&#60;script&#62;/g)?.length).toBeGreaterThan(5);
  });

  it('says that nothing is known where nothing was left out', () => {
    const { heldOut: _fold, result: _result, ...rest } = training;
    const without = trainingReport(
      { ...rest, history: training.history.slice(0, 1) },
      { ...context, clips: { training: 28, heldOut: 0 } },
    );
    expect(without).toMatch(/has not learnt from is not known/);
    expect(without).not.toContain('<circle class="clips"');
  });

  it('escapes all but its own markup', () => {
    expect(html`<p title="${'"<&'}">${[html`<b>`]}</p>`.text).toBe(
      '<p title="&#34;&#60;&#38;"><b></p>',
    );
  });
});
