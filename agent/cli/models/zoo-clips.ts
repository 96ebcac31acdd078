/** Program of deploy/zoo-clips: zoo-clips.ts <data set>. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../base/errors.ts';
import { cacheFolder, packageRoot } from '../../base/root.ts';
import { loadDataset } from '../../lab/data/dataset.ts';
import { recordClips } from '../../lab/zoo/record-clips.ts';
import { parseModel } from '../../model/model.ts';
import { putIntoZoo } from './zoo-card.ts';

const zoo = join(packageRoot, 'agent', 'zoo');
const dataset = await loadDataset({ dir: process.argv[2] ?? 'esc10', cache: cacheFolder() });
for (const name of await readdir(zoo)) {
  if (!name.endsWith('.safetensors')) continue;
  const path = join(zoo, name);
  const bytes = recordClips(new Uint8Array(await readFile(path)), name, dataset);
  try {
    await putIntoZoo(zoo, parseModel(bytes, name));
  } catch (error) {
    // A float network has a card that people wrote.
    if (!(error instanceof UserError && name.includes('-float'))) throw error;
    await writeFile(path, bytes);
  }
  console.log(`${name}: ${bytes.length} bytes`);
}
