import { cp, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cacheFolder, packageRoot, prebuiltFolder } from '../../base/root.ts';
import { readBoardFile } from '../../boards/board-file.ts';
import { boardIds } from '../../boards/board-ids.ts';
import { wasmKey, wasmOf } from '../../engine/cache.ts';
import { applicationOrder, bootloaderOrder } from '../../firmware/firmware.ts';
import { type BuildOrder, cachedBuild, type FirmwareBuild } from '../../firmware/firmware-cache.ts';
import { type Model, readModel } from '../../model/model.ts';
import { zoo, zooNames } from '../../run/zoo.ts';

// Compiles what a package brings along, so that a gateway needs no compiler: every deployed network of the zoo as
// WebAssembly and as unsigned firmware of every board, what boards leave the factory with, and their bootloaders.
// deploy/package runs it in the tree that it packs; with --wasm, for deploy/npm-contents, it compiles for the gateway alone.

const cache = cacheFolder();

async function bring(order: BuildOrder, file: (build: FirmwareBuild) => string): Promise<void> {
  const path = file(await cachedBuild(order, { cache }));
  const folder = join(prebuiltFolder, 'firmware', basename(dirname(path)));
  await mkdir(folder, { recursive: true });
  await cp(path, join(folder, basename(path)));
}

async function bringWasm(model: Model): Promise<void> {
  const folder = join(prebuiltFolder, 'wasm');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${await wasmKey(model)}.wasm`), await wasmOf(model, { cache }));
}

const models = await Promise.all(
  zooNames().map((name) => readModel(join(zoo, `${name}.safetensors`))),
);
for (const model of models) {
  console.log(`prebuild: ${model.metadata.name} for the gateway`);
  await bringWasm(model);
}
const boards = process.argv.includes('--wasm') ? [] : boardIds(packageRoot);
for (const id of boards) {
  console.log(`prebuild: firmware of ${id}`);
  const board = readBoardFile(packageRoot, id);
  await bring(bootloaderOrder(board), ({ elf }) => elf);
  for (const model of [undefined, ...models]) {
    await bring(applicationOrder(board, model), ({ bin }) => bin);
  }
}
