import { expect, test } from 'vitest';
import { useConsole } from '../../test/fakes/console.ts';
import { factsOf, failureOf } from './failure.ts';
import { main } from './main.ts';

const { printed, complaints } = useConsole();

test.each([
  ['bench nosuch --json', 1, 'model', /model nosuch: it is neither/, /the zoo has .*qmicro/],
  ['config check --config /nowhere.yaml --json', 1, undefined, /\/nowhere\.yaml/, /./],
  ['keys show --key /nowhere.pem --json', 1, 'key-missing', /nowhere\.pem/, /./],
  ['psuh --json', 2, 'usage', /unknown command 'psuh'/, /^Did you mean push\?$/],
  ['boards --jsno --json', 2, 'usage', /unknown option '--jsno'/, /^Did you mean --json\?$/],
  ['push --json', 2, 'usage', /--board|argument 'model'/, /otolith --help/],
  ['man --json', 2, 'usage', /unknown option '--json'/, /./],
] as const)(
  '%s: one line of JSON, and nothing else',
  async (line, exitCode, code, message, hint) => {
    expect(await main(line.split(' '))).toBe(exitCode);
    expect(complaints).toEqual([]);
    expect(printed).toHaveLength(1);
    const { error } = JSON.parse(printed[0] ?? '');
    expect(error).toEqual({
      code: code ?? expect.any(String),
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  },
);

test('without --json, or with it behind --, a line for people', async () => {
  expect(await main(['bench', 'nosuch'])).toBe(1);
  expect(await main(['bench', '--', 'nosuch', '--json'])).toBe(1);
  expect(printed).toEqual([]);
  expect(complaints).toHaveLength(2);
});

test('what is a bug, and what the system refuses, have codes too', () => {
  expect(failureOf(new TypeError('x is undefined')).facts).toMatchObject({ code: 'bug' });
  const refused = Object.assign(new Error('EACCES'), {
    code: 'EACCES',
    syscall: 'open',
    path: '/x',
  });
  expect(factsOf(refused)).toEqual({
    code: 'eacces',
    message: '/x may not be used by this user',
    hint: 'check its owner and permissions',
  });
});
