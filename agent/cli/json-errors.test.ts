import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { factsOf, failureOf } from './failure.ts';
import { main } from './main.ts';

const out: string[] = [];
const err: string[] = [];
beforeEach(() => {
  out.length = 0;
  err.length = 0;
  vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void err.push(text));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(`${text}`) > 0);
});
afterEach(() => vi.restoreAllMocks());

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
    expect(err).toEqual([]);
    expect(out).toHaveLength(1);
    const { error } = JSON.parse(out[0] ?? '');
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
  expect(out).toEqual([]);
  expect(err).toHaveLength(2);
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
