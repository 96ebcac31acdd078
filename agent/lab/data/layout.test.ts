import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listClips } from './layout.ts';
import { TEST_FOLD, VALIDATION_FOLD } from './listing.ts';

let dir: string;
let made = 0;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'otolith-layout-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** A folder with these files, all but the named contents of them empty: a listing does not decode. */
async function folder(files: readonly string[], contents: Record<string, string> = {}) {
  const data = join(dir, `${made++}`);
  for (const name of [...files, ...Object.keys(contents)]) {
    await mkdir(dirname(join(data, name)), { recursive: true });
    await writeFile(join(data, name), contents[name] ?? '');
  }
  return data;
}

const many = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}.wav`);

describe('a folder per class', () => {
  it('has no class made of what systems leave behind, and names all that is no clip', async () => {
    const data = await folder([
      ...['dog/1.wav', 'dog/2.MP3', 'cat/1.m4a', 'cat/._1.m4a', 'cat/Thumbs.db', 'cat/.DS_Store'],
      ...['__MACOSX/dog/._1.wav', '.git/x.wav', '@eaDir/y.wav', 'desktop.ini', 'README.md'],
      ...['loose.wav', 'dog/notes.txt', 'dog/raw', 'dog/old/3.wav', 'papers/a.pdf'],
    ]);
    await symlink('/nowhere', join(data, 'dog', 'gone.wav'));
    const { clips, ignored, layout } = await listClips(data);
    expect(layout).toBe('a folder per class');
    expect(clips.map((c) => [c.name, c.category])).toEqual([
      ['cat/1.m4a', 'cat'],
      ['dog/1.wav', 'dog'],
      ['dog/2.MP3', 'dog'],
    ]);
    const why = new Map(ignored.map((i) => [i.name, i.why]));
    expect([...why.keys()].sort()).toEqual(
      [
        ...['.git', '@eaDir', 'README.md', '__MACOSX', 'cat/.DS_Store', 'cat/._1.m4a'],
        ...['cat/Thumbs.db', 'desktop.ini', 'dog/gone.wav', 'dog/notes.txt', 'dog/old/', 'dog/raw'],
        ...['loose.wav', 'papers/'],
      ].sort(),
    );
    expect(why.get('__MACOSX')).toMatch(/macOS/);
    expect(why.get('dog/notes.txt')).toMatch(/\.txt is not/);
    expect(why.get('dog/raw')).toMatch(/no ending/);
    expect(why.get('loose.wav')).toMatch(/no class folder/);
    expect(why.get('dog/old/')).toMatch(/within a class \(1 file\)/);
    expect(why.get('papers/')).toMatch(/no recording/);
    expect(why.get('dog/gone.wav')).toMatch(/link to nothing/);
  });

  it('takes linked folders, and one that an archive was unpacked into', async () => {
    const real = await folder(['a/1.wav', 'b/1.wav']);
    const data = await folder([]);
    await mkdir(join(data, 'set'), { recursive: true });
    for (const name of ['a', 'b']) await symlink(join(real, name), join(data, 'set', name));
    const { clips } = await listClips(data);
    expect(clips.map((c) => c.category)).toEqual(['a', 'b']);
  });

  it('has the cuts of a recording in one fold, or what --group says', async () => {
    const cuts = [0, 1, 2, 3, 4].flatMap((r) => many(`dog/yard${r}-`, 4));
    const data = await folder([...cuts, ...many('cat/', 20)]);
    const { clips, notes } = await listClips(data);
    const foldsOf = (name: string, of = clips) =>
      new Set(of.filter((c) => c.name.startsWith(name)).map((c) => c.fold)).size;
    for (const r of [0, 1, 2, 3, 4]) expect(foldsOf(`dog/yard${r}-`)).toBe(1);
    expect(foldsOf('dog/')).toBe(5);
    expect(foldsOf('cat/')).toBe(5);
    expect(notes.join('\n')).toMatch(/40 clips of 25 recordings.*counter at their end/);
    const own = await listClips(data, 'yard');
    expect(foldsOf('dog/', own.clips)).toBe(1);
    expect(own.notes.join('\n')).toMatch(/by --group/);
    expect(own.notes.join('\n')).toMatch(/dog has 1 recording for 5 folds/);
  });

  it.each(['dog\n', 'dog"', '-rf', '<b>', 'x'.repeat(65)])(
    'refuses a class called %j',
    async (name) => {
      const data = await folder([`${name}/1.wav`, 'cat/1.wav']);
      await expect(listClips(data)).rejects.toThrow(/cannot be the name of a class/);
    },
  );

  it('says what is there where no clip is', async () => {
    await expect(listClips(await folder(['dog/a.txt']))).rejects.toThrow(
      /is not a data set \(dog\/: holds no recording/,
    );
    await expect(listClips(join(dir, 'nothing'))).rejects.toThrow(/nothing is there/);
  });
});

describe('splits', () => {
  it.each(['test', 'testing', 'Test'])('train and %s are kept', async (test) => {
    const data = await folder([
      ...many('train/cat/', 10),
      ...many('train/dog/', 10),
      ...many(`${test}/cat/`, 3),
      ...['readme.txt', 'extra/x.wav', 'train/loose.wav'],
    ]);
    const { clips, notes, layout, ignored } = await listClips(data);
    expect(layout).toMatch(/splits/);
    expect([...new Set(clips.map((c) => c.category))]).toEqual(['cat', 'dog']);
    const inTest = clips.filter((c) => c.fold === TEST_FOLD).map((c) => c.name);
    expect(inTest).toEqual(many(`${test}/cat/`, 3));
    expect(new Set(clips.map((c) => c.fold))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(notes.join('\n')).toMatch(/20 clips to train on.*3 for the test/);
    expect(ignored.map((i) => i.name).sort()).toEqual(['extra/', 'readme.txt', 'train/loose.wav']);
  });

  it('has a validation split that is left out too, and is the measure where there is no test', async () => {
    const base = [...many('train/a/', 5), ...many('train/b/', 5), ...many('val/a/', 2)];
    const foldOf = async (files: readonly string[]) =>
      (await listClips(await folder(files))).clips.find((c) => c.name === 'val/a/0.wav')?.fold;
    expect(await foldOf(base)).toBe(TEST_FOLD);
    expect(await foldOf([...base, 'test/a/0.wav'])).toBe(VALIDATION_FOLD);
  });

  it('looks below folders in between', async () => {
    const { clips } = await listClips(
      await folder(['train/audio/yes/1.wav', 'train/audio/no/1.wav', 'test/audio/yes/2.wav']),
    );
    expect(clips.map((c) => c.category).sort()).toEqual(['no', 'yes', 'yes']);
  });

  it('are not seen in classes that are called so', async () => {
    const { layout, clips } = await listClips(
      await folder(['train/1.wav', 'tram/1.wav', 'dog/1.wav']),
    );
    expect(layout).toBe('a folder per class');
    expect(clips.map((c) => c.category).sort()).toEqual(['dog', 'train', 'tram']);
  });
});

describe("Edge Impulse's export", () => {
  const names = [
    'training/dog.2f8h1.s1.ingestion-7d5-a.wav',
    'training/dog.2f8h1.s2.ingestion-7d5-b.wav',
    'training/rain.1aaaa.ingestion-7d5-c.wav',
    'testing/dog.9zzzz.ingestion-7d5-d.wav',
  ];

  it('is read by the names of its files', async () => {
    const data = await folder([...names, 'training/x.wav']);
    const { clips, layout, ignored } = await listClips(data);
    expect(layout).toMatch(/Edge Impulse/);
    expect(ignored).toEqual([{ name: 'training/x.wav', why: 'its name says no label' }]);
    expect(clips.map((c) => c.category)).toEqual(['dog', 'dog', 'rain', 'dog']);
    expect(clips[3]?.fold).toBe(TEST_FOLD);
    expect(clips[0]?.fold).toBe(clips[1]?.fold);
  });

  it('is read by info.labels where names say nothing', async () => {
    const files = ['training/1.wav', 'testing/2.wav'].map((path) => {
      return { path, label: { type: 'label', label: 'owl' } };
    });
    const data = await folder(
      files.map((f) => f.path),
      { 'info.labels': JSON.stringify({ files }) },
    );
    const { clips } = await listClips(data);
    expect(clips.map((c) => [c.category, c.fold])).toEqual([
      ['owl', 1],
      ['owl', TEST_FOLD],
    ]);
  });

  it('is read by info.labels, which knows better', async () => {
    const file = (path: string, label?: string) => ({
      ...{ path, category: path.split('/')[0], metadata: {} },
      label: label === undefined ? { type: 'unlabeled' } : { type: 'label', label },
    });
    const files = [
      file(names[0] ?? '', 'bark'),
      file(names[1] ?? '', 'bark'),
      file(names[2] ?? ''),
    ];
    files.push(file(names[3] ?? '', 'bark'), file('training/lost.1.wav', 'bark'));
    const info = JSON.stringify({ version: 1, files });
    const data = await folder([...names, 'training/new.1.wav'], { 'info.labels': info });
    const { clips, ignored } = await listClips(data);
    expect(clips.map((c) => c.category)).toEqual(['bark', 'bark', 'bark']);
    expect(ignored).toEqual([
      { name: 'training/new.1.wav', why: 'not in info.labels' },
      { name: names[2], why: 'without a label in info.labels' },
      { name: 'training/lost.1.wav', why: 'in info.labels, but not there' },
    ]);
  });

  it.each([
    ['{"files": 3}', /not Edge Impulse's list/],
    [
      '{"files":[{"path":"../../etc/x.wav","label":{"type":"label","label":"a"}}]}',
      /which is outside/,
    ],
  ])('refuses info.labels with %s', async (info, words) => {
    await expect(listClips(await folder(names, { 'info.labels': info }))).rejects.toThrow(words);
  });
});

describe('tables', () => {
  const header = 'filename,fold,target,category';
  const esc = async (...rows: readonly string[]) =>
    listClips(await folder(['audio/a.wav'], { 'meta/esc50.csv': [header, ...rows].join('\n') }));

  it('may quote their cells; files that are in none are named', async () => {
    const { clips, ignored } = await esc('"b, c.wav",1,0,"door, wood"');
    expect(clips).toMatchObject([{ name: 'b, c.wav', category: 'door, wood', fold: 1 }]);
    expect(ignored).toEqual([{ name: 'audio/a.wav', why: 'not in the table' }]);
  });

  it('may lie beside their clips, where nothing else says what they are', async () => {
    const table = { 'esc50.csv': `${header}\na.wav,2,0,dog` };
    const { clips, ignored, layout } = await listClips(await folder(['a.wav', 'b.wav'], table));
    expect(clips).toMatchObject([{ name: 'a.wav', category: 'dog', fold: 2 }]);
    expect(ignored).toEqual([{ name: 'b.wav', why: 'not in the table' }]);
    expect(layout).toMatch(/^ESC-50/);
    const sorted = await listClips(await folder(['cat/1.wav', 'cow/1.wav'], table));
    expect(sorted.layout).toBe('a folder per class');
  });

  it.each([
    ['a.wav,x,0,dog', /line 3: fold is "x", not a fold/],
    ['a.wav,1.5,0,dog', /line 3: fold is "1\.5"/],
    ['a.wav,0,0,dog', /line 3: fold is "0"/],
    ['a.wav,1,,dog', /line 3: target is ""/],
    ['a.wav,1,-2,dog', /line 3: target is "-2"/],
    ['../../etc/passwd,1,0,dog', /line 3: filename is/],
    ['..,1,0,dog', /line 3: filename is/],
    ['/etc/passwd,1,0,dog', /line 3: filename is/],
    ['a\\b.wav,1,0,dog', /line 3: filename is/],
    [',1,0,dog', /line 3: filename is ""/],
    ['a.wav,1,0,<b>', /line 3: "<b>" cannot be the name of a class/],
    ['a.wav,1,5,cat', /line 3: class 5 is dog and cat/],
    ['ok.wav,1,5,dog', /has ok\.wav twice/],
  ])('are refused at the line of %j', async (row, words) => {
    await expect(esc('ok.wav,1,5,dog', row)).rejects.toThrow(words);
  });
});
