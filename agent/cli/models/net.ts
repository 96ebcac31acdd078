import { UserError } from '../../base/errors.ts';
import { didYouMean } from '../../base/nearest.ts';
import { grouped } from '../../base/text-table.ts';
import { writeModel } from '../../model/model.ts';
import { type AcdnetForm, acdnet } from '../../nets/acdnet.ts';
import { costOf } from '../../nets/cost.ts';
import type { Net } from '../../nets/graph.ts';
import { melNet } from '../../nets/mel.ts';
import { type AcdnetPreset, acdnetPreset, MEL_NAMES, NET_NAMES } from '../../nets/presets.ts';
import { randomModel } from '../../nets/random-model.ts';

export interface NewFlags {
  readonly output: string;
  readonly xnor?: 'paper' | 'residual';
  readonly channels?: readonly number[];
  readonly conv12?: number;
  readonly units?: number;
  readonly classes: number;
  readonly random: number;
  readonly name?: string;
}

/** The architecture that the flags describe, and what to call it. */
function netOf(preset: string, flags: NewFlags): { readonly net: Net; readonly network: string } {
  const mel = MEL_NAMES.find((name) => name === preset);
  if (mel !== undefined) {
    const { name = preset, classes, channels, units } = flags;
    return { net: melNet(mel, { channels, units }, { name, classes }), network: preset };
  }
  const base = presetOf(preset);
  const form: AcdnetForm = flags.xnor ?? 'real';
  const network = form === 'real' ? preset : `${preset} xnor ${form}`;
  const net = acdnet({
    name: flags.name ?? network.replaceAll(' ', '-'),
    front: base.front,
    channels: flags.channels ?? base.channels,
    conv12: flags.conv12 ?? base.conv12,
    classes: flags.classes,
    form,
  });
  return { net, network };
}

/** `otolith net new` */
export async function newNet(preset: string, flags: NewFlags): Promise<void> {
  const { net, network } = netOf(preset, flags);
  await writeModel(flags.output, randomModel(net, flags.random, network));
  const { realMacs, binaryMacs, parameters } = costOf(net);
  const macs =
    binaryMacs === 0
      ? `${grouped(realMacs)} MACs`
      : `${grouped(realMacs)} real and ${grouped(binaryMacs)} binary MACs`;
  console.log(
    `${flags.output}: ${net.name}, random weights, ${grouped(parameters)} parameters, ${macs}`,
  );
}

function presetOf(name: string): AcdnetPreset {
  const found = acdnetPreset(name);
  if (found !== undefined) return found;
  const hint = didYouMean(name, NET_NAMES);
  throw new UserError('net', `there is no network "${name}"`, { hint });
}
