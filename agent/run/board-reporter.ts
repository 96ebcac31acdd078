import type { Payload } from '../../protocol/topics.ts';
import type { InferenceRecord } from '../../protocol/vendor.ts';
import { probabilitiesOf, scoreScaleQ24 } from '../model/scores.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { Reading } from '../smp/results.ts';
import { type NamedModel, precisionOf } from './network.ts';
import { topOf } from './publish-window.ts';
import { Recent, spread } from './recent.ts';
import { rounded } from './rounded.ts';
import type { Screen } from './screen.ts';

/** A window that a board was sent, and the gateway's scores of it by the same network. */
export interface Sent {
  readonly window: string;
  readonly at: number;
  readonly network: NamedModel;
  readonly scores: Int32Array;
}

export interface ReporterOptions {
  readonly gateway: string;
  readonly board: string;
  readonly publisher: Pick<Publisher, 'event' | 'state'>;
  readonly log: Screen['log'];
  readonly now: () => number;
}

/** What a board has done in this run. */
export interface BoardTotals {
  /** Records that it gave. */
  readonly windows: number;
  /** Those of windows that the gateway knows the scores of, and how many had the same integers. */
  readonly compared: number;
  readonly same: number;
}

/** Turns a board's records into messages. */
export class BoardReporter {
  readonly #options: ReporterOptions;
  #ticks = new Recent<number>();
  #totals: BoardTotals = { windows: 0, compared: 0, same: 0 };
  /** Hash of the network whose ticks these are. */
  #network = '';

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  get totals(): BoardTotals {
    return this.#totals;
  }

  /** Publishes the records of a reading; resolves when the outbox has accepted them. */
  async report(
    reading: Reading,
    network: NamedModel,
    sentOf: (win: number) => Sent | undefined,
  ): Promise<void> {
    const { publisher, board, log } = this.#options;
    if (reading.missed > 0) {
      log(`${board}: ${reading.missed} records were overwritten before they were read`);
    }
    if (network.model.hash !== this.#network) {
      this.#network = network.model.hash;
      this.#ticks = new Recent();
    }
    const accepted = reading.records.map((record) => {
      const payload = this.#payload(reading, record, network, sentOf(record.win));
      this.#count(payload.sameAsGateway);
      this.#say(payload);
      return publisher.event('board/{board}/classification', payload, { board });
    });
    await Promise.all(accepted);
    const last = reading.records.at(-1);
    if (last !== undefined) this.#states(reading, last, network.model.metadata.name);
  }

  #count(sameAsGateway: boolean | undefined): void {
    const { windows, compared, same } = this.#totals;
    this.#totals = {
      windows: windows + 1,
      compared: compared + (sameAsGateway === undefined ? 0 : 1),
      same: same + (sameAsGateway === true ? 1 : 0),
    };
  }

  #payload(
    { boots, unit }: Reading,
    record: InferenceRecord,
    network: NamedModel,
    sent: Sent | undefined,
  ): Payload<'board/{board}/classification'> {
    const { gateway, board, now } = this.#options;
    const { labels, name } = network.model.metadata;
    const scores = Int32Array.from(record.scores);
    const probabilities = probabilitiesOf(scores, scoreScaleQ24(network.model));
    const ours = sent?.network === network ? sent.scores : undefined;
    const same = ours === undefined ? {} : { sameAsGateway: equal(ours, scores) };
    this.#ticks.push(record.ticks);
    return {
      id: `${gateway}:${board}:${boots}:${record.seq}`,
      at: new Date(sent?.at ?? now()).toISOString(),
      board,
      boot: boots,
      sequence: record.seq,
      window: sent?.window ?? `${board}-${boots}-${record.win}`,
      network: network.name,
      model: name,
      precision: precisionOf(network),
      class: labels[record.cls] ?? String(record.cls),
      confidence: rounded(probabilities[record.cls] ?? 0, 4),
      latency: { value: record.ticks, unit },
      energy: energyOf(record),
      top: topOf(labels, probabilities),
      ...same,
    };
  }

  #say({
    board,
    network,
    class: name,
    confidence,
    latency,
    sameAsGateway,
  }: Payload<'board/{board}/classification'>) {
    const integers =
      sameAsGateway === undefined
        ? ''
        : sameAsGateway
          ? ', same integers as the gateway'
          : ', NOT THE GATEWAY’S INTEGERS';
    const cost = `${(latency.value / 1e6).toFixed(1)} M ${latency.unit}`;
    this.#options.log(
      `${board}: ${network} ${name} ${Math.round(100 * confidence)} % (${cost}${integers})`,
      sameAsGateway === false ? 'bad' : 'plain',
    );
  }

  #states({ unit }: Reading, last: InferenceRecord, model: string): void {
    const { publisher, board, now } = this.#options;
    const at = new Date(now()).toISOString();
    const latency = { at, model, unit, ...spread(this.#ticks.values) };
    publisher.state('board/{board}/latency', latency, { board });
    publisher.state('board/{board}/energy', { at, energy: energyOf(last) }, { board });
  }
}

function equal(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

function energyOf({ src, uj }: InferenceRecord): Payload<'board/{board}/energy'>['energy'] {
  return src === 'none' ? { source: 'none' } : { source: src, uJ: uj };
}
