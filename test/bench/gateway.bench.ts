import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../agent/base/root.ts';
import { pause } from '../publish/broker.ts';
import { configure, testNetworks } from '../run/program.ts';
import type { Bench } from './bench.ts';

const WARM_UP_MS = 15_000;
const MEASURE_MS = 60_000;
/** Linux counts CPU time of a process in these (getconf CLK_TCK). */
const TICKS_PER_SECOND = 100;

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function megabytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1000;
}

export const bench: Bench = {
  title: 'the whole gateway, one window a second through QMicro and residual XNOR, clips to broker',
  async run(print) {
    const { file } = await configure({ audio: { hop: '1s' }, networks: testNetworks('full') });
    const node = ['--max-semi-space-size=1', join(packageRoot, 'agent/cli/otolith.mjs')];
    const child = spawn(process.execPath, [...node, 'run', '--config', file], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      await pause(WARM_UP_MS);
      if (child.pid === undefined || child.exitCode !== null) {
        print('the program ended; is it built (npm run build)?');
        return;
      }
      const before = cpuSeconds(child.pid);
      await pause(MEASURE_MS);
      const share = ((cpuSeconds(child.pid) - before) * 1000) / MEASURE_MS;
      print(
        `CPU ${(100 * share).toFixed(1)} % of one core, RSS ${megabytes(child.pid).toFixed(0)} MB`,
      );
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  },
};
