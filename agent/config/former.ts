import { type Problem, valueText } from './explain.ts';

type Node = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys that networks once had: one network of each arithmetic. */
const FORMER_NETWORKS: readonly string[] = ['int8', 'xnor'];

/** The list that says the same as the former map; undefined where it was none. */
function networkList(networks: unknown): string | undefined {
  if (!isMap(networks)) return undefined;
  const entries = Object.entries(networks);
  if (!entries.every(([key]) => FORMER_NETWORKS.includes(key))) return undefined;
  const named = entries.filter(([, model]) => typeof model === 'string');
  if (named.length === 0) return undefined;
  const list = named.map(([name, model]) => `{ name: ${name}, model: ${plain(String(model))} }`);
  return `[${list.join(', ')}]`;
}

/** As YAML takes it without quotes, where it does. */
function plain(text: string): string {
  return /^[\w./][\w./-]*$/.test(text) ? text : valueText(text);
}

/** What a configuration of an earlier version says in another way now, with the new spelling. */
export function formerSpellings(raw: unknown): readonly Problem[] {
  if (!isMap(raw)) return [];
  const problems: Problem[] = [];
  const list = networkList(raw.networks);
  if (list !== undefined) {
    const text = `networks is a list of names and models now; write networks: ${list}`;
    problems.push({ path: ['networks'], text });
  }
  if (isMap(raw.detection) && raw.detection.network === 'both' && !isNamedBoth(raw.networks)) {
    const text = 'detection.network is "both", which is agree now; write detection.network: agree';
    problems.push({ path: ['detection', 'network'], text });
  }
  return problems;
}

function isNamedBoth(networks: unknown): boolean {
  return Array.isArray(networks) && networks.some((each) => isMap(each) && each.name === 'both');
}
