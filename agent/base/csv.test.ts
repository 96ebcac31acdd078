import { expect, it } from 'vitest';
import { readCsv } from './csv.ts';

it('reads quoted cells, any end of line and a byte order mark, and knows the lines', () => {
  const text = '\ufeffname,"class"\r\n"a, b.wav",dog\r\n\r\n"say ""hi"".wav", cat \r\n';
  const rows = readCsv(text, 't.csv', ['name', 'class']);
  expect(rows.map((r) => [r.line, r.cell('name'), r.cell('class')])).toEqual([
    [2, 'a, b.wav', 'dog'],
    [4, 'say "hi".wav', 'cat'],
  ]);
});

it.each([
  ['', /t\.csv has no column "name"/],
  ['file\na', /t\.csv has no column "name"/],
  ['name\n"a', /t\.csv: .*[Qq]uote/],
  ['name,class\na,b,c', /t\.csv: .*line 2/],
])('says in one line what is wrong with %j', (text, words) => {
  expect(() => readCsv(text, 't.csv', ['name'])).toThrow(words);
});
