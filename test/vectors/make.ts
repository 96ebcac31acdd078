// Writes networks.json again: the scores that the reference interpreter gives.
import { writeFileSync } from 'node:fs';
import { NETWORKS, seeds } from './cases.ts';
import { operatorEntries, randomEntry, wholeEntries } from './entries.ts';
import { KINDS } from './operator-cases.ts';

const networks = seeds(NETWORKS).map(randomEntry);
const operators = KINDS.flatMap(operatorEntries);
const whole = wholeEntries();

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
