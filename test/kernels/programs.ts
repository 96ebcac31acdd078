import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../agent/base/root.ts';
import { runEmulated } from '../../agent/bench/emulated-program.ts';
import type { BoardFile } from '../../agent/boards/board-file.ts';
import {
  boardParts,
  boardTarget,
  driverGroup,
  modelGroup,
} from '../../agent/build/firmware-plans.ts';
import type { BuildPlan } from '../../agent/build/plan.ts';
import { buildPlan } from '../../agent/build/run-plan.ts';
import type { Target } from '../../agent/build/target.ts';
import { CSource } from '../../agent/c/c-source.ts';
import type { KernelSet } from '../../agent/c/kernel-sets.ts';
import { wasmProgram } from '../../agent/compiler/build-wasm.ts';
import { kernelsFor } from '../../agent/compiler/targets.ts';
import { operatorOf } from '../../agent/ops/registry.ts';
import { bytesOf, type LayerCase } from './layer-cases.ts';

/** The cases of each operator, by its name. */
export type CaseTables = ReadonlyMap<string, readonly LayerCase[]>;

/** Runs cases on this machine under the address and undefined-behaviour sanitizers; returns what the program says. */
export function runOnHost(tables: CaseTables): Promise<string> {
  const plan = { target: { kind: 'host' } as const, sources: ['host.c'], link: [] };
  return built(tables, plan, async (program) => {
    const { stdout } = await promisify(execFile)(program, []);
    return stdout;
  });
}

export function runInWasm(tables: CaseTables): Promise<string> {
  const { target, link = [] } = wasmProgram([]);
  return built(tables, { target, link, sources: ['wasm.c', 'guarded.c'] }, async (program) => {
    const { instance } = await WebAssembly.instantiate(await readFile(program));
    const { run, memory } = instance.exports;
    if (typeof run !== 'function' || !(memory instanceof WebAssembly.Memory)) {
      throw new Error('a module without exports');
    }
    const text = new Uint8Array(memory.buffer, Number(run()));
    return Buffer.from(text.subarray(0, text.indexOf(0))).toString();
  });
}

/** Operators of one program on a board: all of them are more than its ROM holds. */
const PER_PROGRAM = 4;

export async function runOnBoard(board: BoardFile, tables: CaseTables): Promise<string> {
  const all = [...tables];
  const said: string[] = [];
  for (let from = 0; from < all.length; from += PER_PROGRAM) {
    said.push(await runSome(board, new Map(all.slice(from, from + PER_PROGRAM))));
  }
  return said.join('');
}

function runSome(board: BoardFile, tables: CaseTables): Promise<string> {
  const parts = boardParts(board);
  const plan = {
    ...{ target: boardTarget(board), sources: ['board.c', 'guarded.c'], board: parts },
    ...{ link: parts.link, linkScript: parts.linkScript },
  };
  return built(tables, plan, (program) =>
    runEmulated(board, program, { task: `kernels on ${board.id}`, timeoutMs: 120_000 }),
  );
}

interface Harness {
  readonly target: Target;
  /** Files of this folder. */
  readonly sources: readonly string[];
  readonly board?: ReturnType<typeof boardParts>;
  readonly link: readonly string[];
  readonly linkScript?: string | undefined;
}

/** Uses the program of all cases: their C is compiled as that of models is. */
async function built(
  tables: CaseTables,
  { target, sources, board, ...linking }: Harness,
  use: (program: string) => Promise<string>,
): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'otolith-kernels-'));
  try {
    const names = [...tables.keys()];
    const kernels = kernelsFor(target);
    for (const [name, cases] of tables) {
      await writeFile(join(out, `${name}.c`), casesFile(name, cases, kernels));
    }
    await writeFile(join(out, 'tables.c'), tablesFile(tables));
    const ours = ['kernels.c', ...sources].map((name) => `test/kernels/${name}`);
    const harness = modelGroup(
      target,
      names.map((name) => `build/${name}.c`),
    );
    const drivers = driverGroup(target, {
      sources: ['build/tables.c', ...ours, ...(board?.sources ?? [])],
      includes: ['test/kernels', ...(board?.includes ?? ['firmware/boards'])],
      defines: [...(board?.defines ?? []), `-DKERNEL_MEMORY=${mostMemory(tables, kernels)}`],
    });
    // The headers of the cases lie beside the harness, which generated C of models does not see.
    const cases = { ...harness, origin: 'ours' as const };
    const plan: BuildPlan = {
      target,
      groups: [{ ...cases, includes: [...cases.includes, 'test/kernels'] }, drivers],
      ...linking,
    };
    const output = join(out, 'kernels');
    const context = { root: packageRoot, thirdParty: join(out, 'third-party'), out };
    await buildPlan(plan, context, { task: `kernels for ${target.kind}`, output });
    return await use(output);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

const scratchOf = ({ placed }: LayerCase, kernels: KernelSet): number =>
  operatorOf(placed.layer).scratch(placed, kernels);

function mostMemory(tables: CaseTables, kernels: KernelSet): number {
  const bytes = [...tables.values()]
    .flat()
    .flatMap((one) => [
      ...[...one.inputs, one.output].map((map) => bytesOf(map).length),
      scratchOf(one, kernels),
    ]);
  return Math.ceil(Math.max(...bytes) / 16) * 16;
}

/** The C of an operator's cases, as a file of a model has it. */
function casesFile(name: string, cases: readonly LayerCase[], kernels: KernelSet): string {
  const c = new CSource();
  c.put(
    `#define OTO_KERNELS_${kernels.toUpperCase()}`,
    '#include "oto_nn.h"',
    '#include "kernels.h"',
  );
  const rows = cases.map((one) => {
    const { placed, tensors, inputs, output } = one;
    const { layer } = placed;
    const { id } = layer;
    const operator = operatorOf(layer);
    const scratchBytes = scratchOf(one, kernels);
    const maps = inputs.map((map, i) => {
      c.array(`${id}_input${i}`, { type: 'uint8_t', values: bytesOf(map) });
      return { name: `${id}_input${i}`, bytes: bytesOf(map).length };
    });
    c.array(`${id}_expected`, { type: 'uint8_t', values: bytesOf(output) });
    operator.constants(c, placed, tensors, kernels);
    const at = {
      inputs: ['first', 'second'] as const,
      ...{ output: 'out', scratch: scratchBytes > 0 ? 'scratch' : 'NULL', scratchBytes },
    };
    c.put(
      `OTO_STAGE void run_${id}(uint8_t *first, uint8_t *second, uint8_t *out, uint8_t *scratch) {`,
      '    (void)second, (void)scratch;',
      ...operator.calls(placed, at, kernels).map((line) => `    ${line}`),
      '}',
    );
    const text = inputs.map((map) => `${map.type} ${map.shape.join('x')}`).join(', ');
    const sizes = [0, 1].map((i) => maps[i]?.bytes ?? 0);
    return (
      `    {"${id} of ${text}", run_${id}, {${[0, 1].map((i) => maps[i]?.name ?? '0').join(', ')}}, ${id}_expected,\n` +
      `     {${[...sizes, bytesOf(output).length, scratchBytes].join(', ')}}},`
    );
  });
  c.put(
    `extern const kernel_case ${name}_cases[];`,
    `const kernel_case ${name}_cases[] = {`,
    ...rows,
    '};',
  );
  return c.text;
}

function tablesFile(tables: CaseTables): string {
  const names = [...tables.keys()];
  return [
    '#include "kernels.h"',
    ...names.map((name) => `extern const kernel_case ${name}_cases[];`),
    'const kernel_table kernel_tables[] = {',
    ...[...tables].map(([name, cases]) => `    {${name}_cases, ${cases.length}},`),
    '};',
    `const uint32_t kernel_table_count = ${names.length};`,
    '',
  ].join('\n');
}
