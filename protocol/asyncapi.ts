import { z } from 'zod';
import { topicNames, topics } from './topics.ts';

/** `classification/{network}` as an identifier: `classification_network`. */
function key(name: string): string {
  return name.replaceAll(/[{}]/g, '').replaceAll('/', '_');
}

function channel(name: (typeof topicNames)[number]): Record<string, unknown> {
  const places = [...name.matchAll(/\{(\w+)\}/g)].map(([, place]) => String(place));
  return {
    address: `{base}/{gateway}/${name}`,
    messages: { [key(name)]: { $ref: `#/components/messages/${key(name)}` } },
    parameters: Object.fromEntries(['base', 'gateway', ...places].map((place) => [place, {}])),
  };
}

function operation(name: (typeof topicNames)[number]): Record<string, unknown> {
  const { kind, summary } = topics[name];
  return {
    action: kind === 'command' ? 'receive' : 'send',
    summary,
    channel: { $ref: `#/channels/${key(name)}` },
    bindings: { mqtt: { qos: 1, retain: kind === 'state' } },
  };
}

function message(name: (typeof topicNames)[number]): Record<string, unknown> {
  const { schema, summary } = topics[name];
  const { $schema: _, ...payload } = z.toJSONSchema(schema);
  return { summary, contentType: 'application/json', payload };
}

/** The AsyncAPI 3.0 document of everything that the gateway sends and takes. */
export function asyncApi(version: string): Record<string, unknown> {
  const each = (make: (name: (typeof topicNames)[number]) => Record<string, unknown>) =>
    Object.fromEntries(topicNames.map((name) => [key(name), make(name)]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'otolith gateway',
      version,
      description: 'Sounds recognized at the edge: verdicts, comparison, boards and commands.',
    },
    defaultContentType: 'application/json',
    channels: each(channel),
    operations: each(operation),
    components: { messages: each(message) },
  };
}

/** JSON Schema (2020-12) of every payload, by topic name. */
export function payloadSchemas(): Record<string, unknown> {
  return Object.fromEntries(topicNames.map((name) => [name, z.toJSONSchema(topics[name].schema)]));
}
