import { Random } from '../../agent/base/random.ts';
import type { Model } from '../../agent/model/model.ts';
import type { CaseContext } from '../../agent/ops/cases.ts';
import { randomConv } from '../../agent/ops/conv/cases.ts';
import type { Shape } from '../../agent/ops/maps.ts';
import type { Kind } from '../../agent/ops/registry.ts';
import { cases as sign } from '../../agent/ops/sign/cases.ts';
import { Builder } from './builder.ts';
import { casesOf, folderOf } from './operator-cases.ts';
import { head } from './random-network.ts';

/** The n-th random network around one layer of an operator. */
export function operatorNetwork(kind: Kind, index: number): Model {
  const { reads, window, layer } = casesOf({ kind });
  const random = new Random(seedOf(kind) + index);
  const name = `${folderOf(kind)}-${index}`;
  const [height, width, channels] = (window ?? smallWindow)(random);
  const builder = new Builder(random, name, random.int(0, 255), [height, width, channels]);
  const stream = approach(builder, reads[index % reads.length] ?? reads[0]);
  builder.add(layer(builder.context(stream)));
  head(builder);
  return builder.model();
}

const smallWindow = (random: Random): Shape => [
  random.int(1, 9),
  random.int(1, 11),
  random.pick([1, 2, 3, 4, 5, 8, 16, 31, 32, 33]),
];

/** Turns the window to a map of a type; of signs, what they are taken of. */
function approach(builder: Builder, type: string): CaseContext['stream'] {
  if (type === 'int8') builder.add(randomConv(builder.context(), ['int8']));
  if (type !== 'bits') return undefined;
  const stream = { id: builder.from, map: builder.map };
  builder.add(sign.layer(builder.context()));
  return stream;
}

/** The same for a name always, whatever operators there are. */
function seedOf(kind: string): number {
  return [...kind].reduce(
    (sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 16777619),
    2166136261,
  );
}
