import { UserError } from '../../base/errors.ts';
import { didYouMean } from '../../base/nearest.ts';
import type { FoldChoice } from '../../lab/train/queue.ts';
import { RECIPES, type Recipe, recipeSchema } from '../../lab/train/recipe.ts';
import { type AcdnetForm, acdnet } from '../../nets/acdnet.ts';
import type { Net } from '../../nets/graph.ts';
import { melNet } from '../../nets/mel.ts';
import { acdnetPreset, MEL_NAMES, type MelPreset, NET_NAMES } from '../../nets/presets.ts';
import { hasFixedFront, isBinary, isRecurrent } from '../../nets/traits.ts';

export interface TrainFlags {
  readonly data: string;
  readonly out: string;
  readonly name?: string;
  readonly net: string;
  readonly form: AcdnetForm;
  readonly channels?: readonly number[];
  readonly conv12?: number;
  readonly units?: number;
  readonly realConvs?: readonly number[];
  readonly classes?: string;
  readonly strict?: boolean;
  readonly group?: string;
  readonly folds: readonly FoldChoice[];
  readonly jobs: number;
  readonly epochs?: number;
  readonly learningRate?: number;
  readonly batch: number;
  readonly schedule?: Recipe['schedule'];
  readonly seed: number;
  readonly teacher?: string;
  readonly distill: number;
  readonly front?: string;
  readonly start?: string;
  readonly frontEpochs?: number;
  readonly mixtureEpochs?: number;
  readonly average?: number;
  readonly stage?: string;
  readonly evaluateEvery?: number;
}

/** The architecture that the flags describe. @throws UserError `option`, `net` */
export function netOf(flags: TrainFlags, classes: number): Net {
  if (!['real', 'paper', 'residual'].includes(flags.form)) {
    throw new UserError('option', `--form ${flags.form} is none of real, paper, residual`);
  }
  const mel = MEL_NAMES.find((name) => name === flags.net);
  if (mel !== undefined) return melNetOf(mel, flags, classes);
  const preset = acdnetPreset(flags.net);
  if (preset === undefined) {
    throw new UserError('option', `--net ${flags.net} is unknown`, {
      hint: didYouMean(flags.net, NET_NAMES),
    });
  }
  return acdnet({
    name: flags.name ?? `${flags.net}${flags.form === 'real' ? '' : `-${flags.form}`}`,
    front: preset.front,
    channels: flags.channels ?? preset.channels,
    conv12: flags.conv12 ?? preset.conv12,
    classes,
    form: flags.form,
    realConvs: flags.realConvs,
  });
}

function melNetOf(preset: MelPreset, flags: TrainFlags, classes: number): Net {
  if (flags.form !== 'real') {
    throw new UserError('option', `--form ${flags.form}: ${preset} has real weights only`);
  }
  const { units, channels } = flags;
  return melNet(preset, { channels, units }, { name: flags.name ?? preset, classes });
}

/** What a network learns by unless told otherwise: by what it is made of, wherever it came from. */
function baseRecipe(net: Net, form: AcdnetForm): Recipe {
  if (isRecurrent(net)) return RECIPES.recurrent;
  const fixed = hasFixedFront(net);
  if (fixed && form === 'real') return RECIPES.spectrogram;
  // Before the image of a spectrogram there is nothing to learn.
  return fixed ? { ...RECIPES[form], frontEpochs: 0 } : RECIPES[form];
}

/** Whether this is the stage in which binary convolutions have real weights yet. @throws UserError `option` */
function firstStage({ stage }: TrainFlags, net: Net): boolean {
  if (stage === undefined) return false;
  if (stage !== 'activations') {
    throw new UserError('option', `--stage ${stage} is unknown`, {
      hint: 'it is activations; the second stage is a training with --start',
    });
  }
  if (isBinary(net)) return true;
  throw new UserError('option', '--stage activations needs --form paper or residual');
}

/** The recipe of the network's kind, with what the flags change. @throws UserError `option` */
export function recipeOf(flags: TrainFlags, net: Net): Recipe {
  const base = baseRecipe(net, flags.form);
  const epochs = flags.epochs ?? base.epochs;
  // A front that was taken over stays as it is, and a spectrogram has nothing to learn.
  const learns = flags.front === undefined && base.frontEpochs > 0;
  const parsed = recipeSchema.safeParse({
    ...base,
    epochs,
    frontEpochs: flags.frontEpochs ?? (learns ? epochs : 0),
    ...(flags.mixtureEpochs === undefined ? {} : { mixtureEpochs: flags.mixtureEpochs }),
    ...(flags.average === undefined ? {} : { average: flags.average }),
    ...(firstStage(flags, net) ? { weights: 'real' } : {}),
    learningRate: flags.learningRate ?? base.learningRate,
    batch: flags.batch,
    schedule: flags.schedule ?? base.schedule,
    distill: flags.teacher === undefined ? 0 : flags.distill,
    seed: flags.seed,
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError('option', `--${issue?.path.join('.')}: ${issue?.message}`);
}
