import { configJsonSchema } from './schema.ts';

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function typeText(node: Node): string {
  if (Array.isArray(node.enum)) return node.enum.join(' \\| ');
  if (Array.isArray(node.anyOf)) {
    const choices: readonly unknown[] = node.anyOf;
    return choices
      .flatMap((choice) => (isNode(choice) && isNode(choice.enum) ? [typeText(choice)] : []))
      .join(' \\| ');
  }
  const hint = typeof node.hint === 'string' ? node.hint : '';
  if (hint.startsWith('give a duration')) return 'duration';
  const bounds =
    typeof node.minimum === 'number' && typeof node.maximum === 'number'
      ? `, ${node.minimum} to ${node.maximum}`
      : '';
  return `${String(node.type)}${bounds}`;
}

function rows(node: Node, path: string): readonly string[] {
  if (isNode(node.properties)) {
    return Object.entries(node.properties).flatMap(([key, child]) =>
      isNode(child) ? rows(child, path === '' ? key : `${path}.${key}`) : [],
    );
  }
  const inner = node.type === 'array' ? node.items : node.additionalProperties;
  const below = isNode(inner) ? rows(inner, node.type === 'array' ? `${path}[]` : `${path}.*`) : [];
  const fallback = node.default === undefined ? '' : `\`${JSON.stringify(node.default)}\``;
  return [
    `| \`${path}\` | ${typeText(node)} | ${fallback} | ${String(node.description ?? '')} |`,
    ...below,
  ];
}

/** The table of every key, in Markdown, made from the schema. */
export function configReference(): string {
  return [
    '| key | type | default | meaning |',
    '|---|---|---|---|',
    ...rows(configJsonSchema(), ''),
  ].join('\n');
}
