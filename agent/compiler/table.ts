import { grouped, textTable } from '../base/text-table.ts';
import { kindOf, type Model } from '../model/model.ts';
import type { PlacedLayer } from '../model/shapes.ts';
import { mapBytes } from '../ops/maps.ts';
import { elementsOf } from '../ops/tensors.ts';
import type { Emitted } from './emit.ts';
import { costOf, lastOf, type Stage, stagesOf } from './stages.ts';

/** What the compiler made of one stage. */
export interface StageReport {
  readonly stage: string;
  readonly kind: string;
  readonly output: string;
  readonly macs: number;
  /** Bytes of the model's tensors that the stage reads. */
  readonly weightBytes: number;
  /** Where the output lies in the arena; absent for scores, which the caller keeps. */
  readonly arenaOffset: number | undefined;
  readonly outputBytes: number;
  /** Memory that the stage needs beside its input and output. */
  readonly scratchBytes: number;
}

export interface CompileReport {
  readonly model: string;
  readonly kind: 'int8' | 'xnor';
  readonly target: string;
  readonly arenaBytes: number;
  readonly constantBytes: number;
  readonly stages: readonly StageReport[];
}

/** What a compiled model consists of, stage by stage in the order they run. */
export function compileReport(model: Model, target: string, emitted: Emitted): CompileReport {
  const { plan, layout, constantBytes } = emitted;
  const front = plan.front === undefined ? 0 : 1;
  const stages = stagesOf(plan).map((stage, i): StageReport => {
    const streaming = i < front;
    const scratchBytes = streaming ? layout.stateBytes : (layout.scratch[i - front] ?? 0);
    const kind = streaming ? 'streaming' : stage.layers[0].layer.kind;
    return { ...reportOf(model, stage, emitted), kind, scratchBytes };
  });
  return {
    model: model.metadata.name,
    kind: kindOf(model),
    target,
    arenaBytes: layout.arena.bytes,
    constantBytes,
    stages,
  };
}

function reportOf(
  model: Model,
  stage: Stage,
  { layout }: Emitted,
): Omit<StageReport, 'kind' | 'scratchBytes'> {
  const { output, layer } = lastOf(stage);
  return {
    stage: stage.name,
    output: `${output.type} ${output.shape.join('x')}`,
    macs: costOf(stage).macs,
    weightBytes: stage.layers.reduce((sum, placed) => sum + tensorBytes(model, placed), 0),
    arenaOffset: output.type === 'scores' ? undefined : layout.arena.offsets.get(layer.id),
    outputBytes: mapBytes(output),
  };
}

function tensorBytes(model: Model, placed: PlacedLayer): number {
  return placed.tensors.reduce((sum, { name, shape }) => {
    const width = model.tensors.get(name)?.data.BYTES_PER_ELEMENT ?? 0;
    return sum + width * elementsOf(shape);
  }, 0);
}

/** The report as a person reads it. */
export function compileTable(report: CompileReport): string {
  const rows = report.stages.map((s) => [
    s.stage,
    s.kind,
    s.output,
    grouped(s.macs),
    grouped(s.weightBytes),
    s.arenaOffset === undefined
      ? 'caller'
      : `${grouped(s.outputBytes)} at ${grouped(s.arenaOffset)}`,
    grouped(s.scratchBytes),
  ]);
  const head = ['layer', 'stage', 'output', 'MACs', 'weights', 'arena', 'scratch'];
  const macs = report.stages.reduce((sum, s) => sum + s.macs, 0);
  const weights = report.stages.reduce((sum, s) => sum + s.weightBytes, 0);
  const total = ['', '', '', grouped(macs), grouped(weights), grouped(report.arenaBytes), ''];
  const title = `${report.model} (${report.kind}) for ${report.target}; bytes unless said otherwise`;
  return `${title}\n${textTable([head, ...rows, total])}`;
}
