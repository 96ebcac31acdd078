import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../base/errors.ts';
import { Random, randomSamples } from '../base/random.ts';
import type { Spawn } from '../base/tools.ts';
import type { BoardFile } from '../boards/board-file.ts';
import { boardTarget } from '../build/firmware-plans.ts';
import { buildProgram, type GeneratedFile } from '../compiler/build.ts';
import { flashBytesOf } from '../compiler/elf.ts';
import { type Emitted, emitModel } from '../compiler/emit.ts';
import { costOf, type Stage, stagesOf } from '../compiler/stages.ts';
import { kernelsFor } from '../compiler/targets.ts';
import { kindOf, type Model, windowSamplesOf } from '../model/model.ts';
import { programFor, runEmulated } from './emulated-program.ts';
import { instructionsBetween, parseMarks } from './stopwatch.ts';

/** What one model costs on one board for one window. */
export interface BenchRun {
  readonly model: string;
  readonly kind: 'int8' | 'xnor';
  readonly board: string;
  readonly instructions: number;
  /** Multiply-accumulates as the network counts them, real and binary alike. */
  readonly macs: number;
  /** Code and constants of the model, kernels included. */
  readonly flashBytes: number;
  /** Arena, and the most stack that was in use. */
  readonly ramBytes: number;
  readonly layers: readonly BenchLayer[];
}

/** A stage of the compiled model: one layer, or those fused into the streaming front end. */
export interface BenchLayer {
  readonly name: string;
  readonly macs: number;
  readonly instructions: number;
}

export interface BenchOptions {
  readonly signal?: AbortSignal | undefined;
  readonly spawn?: Spawn | undefined;
}

/** A thousand million instructions take a Raspberry Pi about a minute. */
const RUN_TIMEOUT_MS = 600_000;

/**
 * Compiles a model for a board and counts its instructions under QEMU; the same model gives the same counts.
 * @throws UserError `board-memory` when the arena does not fit; `emulator`, `tool-*`
 */
export async function benchModel(
  model: Model,
  board: BoardFile,
  options: BenchOptions = {},
): Promise<BenchRun> {
  const arenaBytes = arenaFor(model, board);
  const folder = await mkdtemp(join(tmpdir(), 'otolith-bench-'));
  try {
    const elf = join(folder, 'bench.elf');
    const program = programFor(board, {
      models: [model],
      sources: ['firmware/bench/bench.c', 'firmware/bench/stopwatch.c'],
      generated: [windowFile(model)],
      includes: ['firmware/bench'],
      defines: ['-DOTO_PROFILE', `-DOTO_BENCH_ARENA=${arenaBytes}u`],
      // All that sets the code measured apart from the code that ships: a call between stages.
      modelDefines: ['-DOTO_PROFILE'],
    });
    let flashBytes = 0;
    const onObject = (_index: number, object: Uint8Array): void => {
      flashBytes = flashBytesOf(object);
    };
    const [emitted] = await buildProgram(program, { ...options, output: elf, onObject });
    const task = `running ${model.metadata.name} on ${board.id}`;
    const output = await runEmulated(board, elf, { ...options, task, timeoutMs: RUN_TIMEOUT_MS });
    const layers = layersOf(output, board, emitted);
    const sum = (pick: (layer: BenchLayer) => number): number =>
      layers.reduce((total, layer) => total + pick(layer), 0);
    return {
      model: model.metadata.name,
      kind: kindOf(model),
      board: board.id,
      instructions: sum((layer) => layer.instructions),
      macs: sum((layer) => layer.macs),
      flashBytes,
      ramBytes: arenaBytes + stackOf(output),
      layers,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Bytes of a model's arena on a board.
 * @throws UserError `board-memory` when it does not fit beside the stack
 */
export function arenaFor(model: Model, board: BoardFile): number {
  const { bytes } = emitModel(model, { kernels: kernelsFor(boardTarget(board)) }).layout.arena;
  const room = board.ram.bytes - board.stackBytes;
  if (bytes > room) {
    const message = `${model.metadata.name} needs an arena of ${bytes} bytes, but ${board.id} has ${room} bytes of RAM beside its stack`;
    throw new UserError('board-memory', message, { hint: 'choose a smaller network or board' });
  }
  return bytes;
}

function layersOf(
  output: string,
  board: BoardFile,
  emitted: Emitted | undefined,
): readonly BenchLayer[] {
  if (emitted === undefined) throw new Error('nothing was compiled');
  const counts = instructionsBetween(parseMarks(output), board.tick);
  const costs = stagesOf(emitted.plan).map(costed);
  const stages = emitted.plan.front === undefined ? [WINDOW_INTAKE, ...costs] : costs;
  if (counts.length !== stages.length) {
    const message = `the program on ${board.id} ended early (${counts.length} of ${stages.length} stages)`;
    throw new UserError('emulator', message, { hint: 'this is a fault of otolith: report it' });
  }
  return stages.map((stage, i) => ({ ...stage, instructions: counts[i] ?? 0 }));
}

/** Samples are only kept. */
const WINDOW_INTAKE = { name: 'window', macs: 0 };

function costed(stage: Stage): { readonly name: string; readonly macs: number } {
  return { name: stage.name, macs: costOf(stage).macs };
}

function stackOf(output: string): number {
  return Number(/^stack (\d+)$/m.exec(output)?.[1] ?? 0);
}

/** A window at all levels of loudness: how often a value is clipped changes a count a little. */
function windowFile(model: Model): GeneratedFile {
  const count = windowSamplesOf(model);
  const samples = randomSamples(new Random(1), count);
  const text = `#include <stdint.h>

extern const int16_t oto_bench_window[];
const int16_t oto_bench_window[${count}] = {${samples.join(',')}};
`;
  return { name: 'window.c', text };
}
