// Writes networks.json again: the scores that the reference interpreter gives.
import { writeFileSync } from 'node:fs';
import { runReference } from '../../agent/model/reference.ts';
import {
  NETWORKS,
  operatorCase,
  PER_OPERATOR,
  randomCase,
  WHOLE_NETS,
  wholeCase,
} from './cases.ts';
import { KINDS } from './operator-cases.ts';
import type { Case } from './programs.ts';

const expected = ({ model, windows }: Case) => ({
  hash: model.hash,
  scores: windows.map((window) => [...runReference(model, window).scores]),
});
const seeds = Array.from({ length: NETWORKS }, (_, seed) => seed);
const networks = seeds.map((seed) => ({ seed, ...expected(randomCase(seed)) }));
const operators = KINDS.flatMap((kind) =>
  Array.from({ length: PER_OPERATOR }, (_, index) => ({
    ...{ kind, index },
    ...expected(operatorCase(kind, index)),
  })),
);
const whole = WHOLE_NETS.map((net) => ({ name: net.name, ...expected(wholeCase(net)) }));

const lines = (entries: readonly unknown[]): string =>
  entries.map((entry) => `\n    ${JSON.stringify(entry)}`).join(',');
const text = `{
  "command": "npx tsx test/vectors/make.ts",
  "networks": [${lines(networks)}
  ],
  "operators": [${lines(operators)}
  ],
  "whole": [${lines(whole)}
  ]
}
`;
writeFileSync(new URL('./networks.json', import.meta.url), text);
console.log(
  `${networks.length} random networks, ${operators.length} of one operator and ${whole.length} whole ones`,
);
