import { InvalidArgumentError, Option } from 'commander';
import { UserError } from '../errors.ts';
import { deployRandom } from '../model/deploy-random.ts';
import { writeModel } from '../model/model.ts';
import { type AcdnetForm, type AcdnetPreset, acdnet, acdnetPreset } from '../nets/acdnet.ts';
import { costOf } from '../nets/cost.ts';
import type { Net } from '../nets/graph.ts';
import { MEL_NAMES, melNet } from '../nets/mel.ts';
import { NET_NAMES } from '../nets/names.ts';
import { grouped } from '../text-table.ts';
import type { AddCommand } from './command.ts';

interface NewFlags {
  readonly output: string;
  readonly xnor?: 'paper' | 'residual';
  readonly channels?: readonly number[];
  readonly conv12?: number;
  readonly units?: number;
  readonly classes: number;
  readonly random: number;
  readonly name?: string;
}

const HELP = `
The weights are random and the file says so: such a model shows what a network costs, not what it recognises.

  otolith net new micro-acdnet -o qmicro.safetensors
  otolith net new mel-lstm --units 64 -o lstm.safetensors
  otolith net new acdnet --xnor residual --channels 8,16,16,32,32,32,32,64,64,96,96 --conv12 48 -o xnor.safetensors`;

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

async function create(preset: string, flags: NewFlags): Promise<void> {
  const { net, network } = netOf(preset, flags);
  await writeModel(flags.output, deployRandom(net, flags.random, network));
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
  const mend = `networks are: ${NET_NAMES.join(', ')}`;
  throw new UserError('net', `there is no network "${name}"`, { mend });
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number.');
  return Number(text);
}

function wholeList(text: string): readonly number[] {
  return text
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .map(whole);
}

/** `otolith net new` */
export const addNet: AddCommand = (program) => {
  program
    .command('net')
    .description('make networks')
    .command('new')
    .description('a model of a known architecture with random weights, for measuring its cost')
    .argument('<network>', NET_NAMES.join(', '))
    .requiredOption('-o, --output <file>', 'the model file to write')
    .addOption(
      new Option(
        '--xnor <form>',
        'binary convolutions: as published, or in residual blocks',
      ).choices(['paper', 'residual']),
    )
    .option(
      '--channels <list>',
      'channels of conv1 to conv11 (mel-acdnet: conv3 to conv11; mel-cnn: any number)',
      wholeList,
    )
    .option('--conv12 <n>', 'channels of conv12', whole)
    .option('--units <n>', "units of mel-lstm's recurrent layer", whole)
    .option('--classes <n>', 'classes', whole, 10)
    .option('--random <seed>', 'seed of the weights: same seed, same file', whole, 1)
    .option('--name <name>', 'name of the model')
    .addHelpText('after', HELP)
    .action(create);
};
