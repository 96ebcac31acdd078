import { boardName } from './board-name.ts';
import type { Problem } from './explain.ts';
import { networkProblems } from './network-check.ts';
import type { Config } from './schema.ts';

/** Certificates mean that someone counts on encryption, which a URL of plain text does not give. */
function* tlsWithoutTls({ mqtt: { url, tls } }: Config): Generator<Problem> {
  if (url !== undefined && /^(mqtts|wss):/.test(url)) return;
  const set = (['ca', 'cert', 'key'] as const).filter((key) => tls[key] !== undefined);
  const key = tls.verify ? set[0] : (set[0] ?? 'verify');
  if (key === undefined) return;
  const what =
    url === undefined ? 'there is no mqtt.url' : `mqtt.url is ${url}, which is plain text`;
  const secure = url?.replace(/^(mqtt|ws):/, '$1s:').replace(/:1883(?=\/|$)/, ':8883');
  yield {
    path: ['mqtt', 'tls', key],
    text: `mqtt.tls.${key} is set, but ${what}; write ${secure ?? 'mqtt.url: mqtts://HOST:8883'}, or leave mqtt.tls out`,
  };
}

/** Rules that span several keys. */
export function crossCheck(config: Config): readonly Problem[] {
  const problems: Problem[] = [...networkProblems(config)];
  const add = (path: readonly PropertyKey[], text: string) => problems.push({ path, text });
  const { mqtt, boards } = config;
  if (mqtt.passwordFile !== undefined && mqtt.passwordEnv !== undefined) {
    add(
      ['mqtt', 'passwordEnv'],
      `mqtt.passwordEnv is ${JSON.stringify(mqtt.passwordEnv)} beside mqtt.passwordFile; keep one of the two`,
    );
  }
  const hasPassword = mqtt.passwordFile !== undefined || mqtt.passwordEnv !== undefined;
  if (hasPassword && mqtt.username === undefined) {
    add(['mqtt'], 'mqtt.username is missing beside a password; give the user name');
  }
  if ((mqtt.tls.cert === undefined) !== (mqtt.tls.key === undefined)) {
    const missing = mqtt.tls.cert === undefined ? 'cert' : 'key';
    add(
      ['mqtt', 'tls'],
      `mqtt.tls.${missing} is missing; a client certificate needs both cert and key`,
    );
  }
  problems.push(...tlsWithoutTls(config));
  boards.forEach((board, i) => {
    const name = boardName(board);
    const before = boards.slice(0, i).find((b) => b.id === board.id || boardName(b) === name);
    if (before === undefined) return;
    const again = before.id === board.id ? board.id : name;
    add(['boards', i], `boards[${i}] is "${again}" again; give each board its own id and name`);
  });
  return problems;
}
