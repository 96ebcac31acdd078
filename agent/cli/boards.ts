import { toHex } from '../../protocol/bytes.ts';
import type { BoardInfo } from '../../protocol/vendor.ts';
import { attach } from '../boards/attach.ts';
import { type FoundPort, findPorts } from '../boards/discover.ts';
import type { BoardSite } from '../boards/site.ts';
import { reasonOf } from '../errors.ts';
import { interruption, type SiteOptions, siteOf } from './board-site.ts';

export interface BoardsOptions extends SiteOptions {
  readonly probe?: boolean;
  readonly json?: boolean;
}

type Probe =
  | { readonly type: 'otolith'; readonly info: BoardInfo }
  | { readonly type: 'smp' }
  | { readonly type: 'silent'; readonly why: string };

/** Long enough for one lost request, short enough for a list. */
const PROBE_MS = 4000;

async function probe(port: FoundPort, site: BoardSite, signal: AbortSignal): Promise<Probe> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
  const attached = attach(port.path, site, within, { heartbeatMs: 0, firstOpenMs: 0 });
  try {
    const info = await attached.board.info(within);
    return info === undefined ? { type: 'smp' } : { type: 'otolith', info };
  } catch (error) {
    const trouble = attached.board.link.trouble;
    const silent = within.aborted ? 'nothing answers SMP there' : reasonOf(error);
    return { type: 'silent', why: trouble ?? silent };
  } finally {
    await attached.stop();
  }
}

function words(result: Probe): string {
  switch (result.type) {
    case 'smp':
      return 'speaks SMP, not an otolith board';
    case 'silent':
      return result.why;
    case 'otolith': {
      const { info } = result;
      if (info.mode === 'recovery') return `${info.board}, in serial recovery: push firmware to it`;
      const model = info.model === '' ? 'no network' : `${info.model} (${info.kind})`;
      return `${info.board}, firmware ${info.fw}, ${model}`;
    }
  }
}

function plain(info: BoardInfo): Readonly<Record<string, unknown>> {
  return info.mode === 'app' ? { ...info, hash: toHex(info.hash) } : info;
}

/** `otolith boards` */
export async function listBoards(options: BoardsOptions): Promise<void> {
  const { site } = await siteOf(options);
  const signal = interruption();
  const ports = await findPorts(site.stateDir);
  const probes = new Map<string, Probe>();
  if (options.probe) {
    const results = await Promise.all(ports.map((port) => probe(port, site, signal)));
    ports.forEach((port, i) => {
      const result = results[i];
      if (result !== undefined) probes.set(port.id, result);
    });
  }
  if (options.json) {
    const rows = ports.map((port) => {
      const result = probes.get(port.id);
      const info = result?.type === 'otolith' ? { info: plain(result.info) } : {};
      return { ...port, ...(result === undefined ? {} : { answer: result.type }), ...info };
    });
    console.log(JSON.stringify(rows, null, 2));
    return;
  }
  if (ports.length === 0) console.log('no board is plugged in; otolith emulate cortex-m4 runs one');
  for (const port of ports) {
    const result = probes.get(port.id);
    console.log(`${port.id}  ${port.path}  ${result === undefined ? port.what : words(result)}`);
  }
}
