import { grouped, textTable } from '../base/text-table.ts';
import type { BenchRun } from './bench.ts';

/** Runs side by side, a table for each board: totals, then the instructions of every stage. */
export function benchTable(runs: readonly BenchRun[]): string {
  const boards = [...new Set(runs.map((run) => run.board))];
  return boards
    .map((board) =>
      boardTable(
        board,
        runs.filter((r) => r.board === board),
      ),
    )
    .join('\n\n');
}

function boardTable(board: string, runs: readonly BenchRun[]): string {
  const row = (name: string, cell: (run: BenchRun) => string): readonly string[] => [
    name,
    ...runs.map(cell),
  ];
  // The longest run first: its order holds the others' stages in their places.
  const byLength = runs.toSorted((a, b) => b.layers.length - a.layers.length);
  const stages = [...new Set(byLength.flatMap((run) => run.layers.map((layer) => layer.name)))];
  const stageRows = stages.map((name) =>
    row(`  ${name}`, (run) => {
      const layer = run.layers.find((l) => l.name === name);
      return layer === undefined ? '' : grouped(layer.instructions);
    }),
  );
  return textTable([
    row(board, (run) => run.model),
    row('', (run) => run.kind),
    row('instructions', (run) => grouped(run.instructions)),
    row('multiply-accumulates', (run) => grouped(run.macs)),
    row('instructions per MAC', (run) => (run.instructions / run.macs).toFixed(3)),
    row('flash, bytes', (run) => grouped(run.flashBytes)),
    row('RAM (arena, stack), bytes', (run) => grouped(run.ramBytes)),
    row('instructions by stage', () => ''),
    ...stageRows,
  ]);
}
