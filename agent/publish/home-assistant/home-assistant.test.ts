import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { payloadSchemas } from '../../../protocol/asyncapi.ts';
import { readCommand } from '../../../protocol/commands.ts';
import { topicNames, topicOf } from '../../../protocol/topics.ts';
import { type BoardIdentity, discoverBoard } from './board.ts';
import { discoverGateway } from './gateway.ts';

const identity = {
  root: 'otolith/attic',
  gateway: 'attic',
  version: '0.2.0',
  prefix: 'homeassistant',
};
const board: BoardIdentity = { name: 'emulated-cortex-m4', core: 'cortex-m4' };

// Fields as Home Assistant documents them for MQTT device discovery and for the platforms sensor, binary_sensor and
// update; strict, so that a field which it does not know fails the test.
const topic = z.string().regex(/^[^#+]+$/);
const template = z.string().regex(/^\{\{.*\}\}$/);
const entity = {
  unique_id: z.string(),
  default_entity_id: z.string().regex(/^(sensor|binary_sensor|update)\.[a-z0-9_]+$/),
  name: z.string(),
  state_topic: topic,
  value_template: template,
  icon: z.string().regex(/^mdi:/).optional(),
  entity_category: z.enum(['config', 'diagnostic']).optional(),
  json_attributes_topic: topic.optional(),
};
const componentSchema = z.discriminatedUnion('platform', [
  z.strictObject({
    platform: z.literal('sensor'),
    ...entity,
    device_class: z.enum(['duration']).optional(),
    state_class: z.enum(['measurement', 'total', 'total_increasing']).optional(),
    unit_of_measurement: z.string().optional(),
  }),
  z.strictObject({
    platform: z.literal('binary_sensor'),
    ...entity,
    device_class: z.enum(['connectivity', 'problem']).optional(),
  }),
  z.strictObject({
    platform: z.literal('update'),
    ...entity,
    command_topic: topic,
    payload_install: z.string(),
    device_class: z.literal('firmware'),
    title: z.string(),
  }),
]);
const discoverySchema = z.strictObject({
  device: z.strictObject({
    identifiers: z.array(z.string()).min(1),
    name: z.string(),
    manufacturer: z.string(),
    model: z.string(),
    sw_version: z.string().optional(),
    via_device: z.string().optional(),
  }),
  origin: z.strictObject({ name: z.string(), sw_version: z.string() }),
  availability: z.array(
    z.strictObject({
      topic,
      value_template: template,
      payload_available: z.literal('online'),
      payload_not_available: z.literal('offline'),
    }),
  ),
  availability_mode: z.enum(['all', 'any', 'latest']).optional(),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  components: z.record(z.string().regex(/^[a-zA-Z0-9_-]+$/), componentSchema),
});

/** Which of our payloads a topic carries, by putting the places of every name back. */
function schemaOf(address: string): string {
  for (const name of topicNames) {
    const pattern = topicOf(identity.root, name, { board: board.name }).replace('+', '[^/]+');
    if (new RegExp(`^${pattern}$`).test(address)) return JSON.stringify(payloadSchemas()[name]);
  }
  throw new Error(`nothing is published on ${address}`);
}

const announcements = [
  discoverGateway(identity, {
    networks: ['q-micro', 'mel', 'xnor'],
    pairs: [
      ['mel', 'xnor'],
      ['q-micro', 'xnor'],
    ],
  }),
  discoverBoard(identity, board),
];

describe.each(announcements)('discovery on $topic', ({ topic: address, payload }) => {
  const discovery = discoverySchema.parse(JSON.parse(payload));
  const components = Object.values(discovery.components);

  it('stands where Home Assistant looks', () => {
    expect(address).toMatch(/^homeassistant\/device\/[a-zA-Z0-9_-]+\/config$/);
  });

  it('gives every entity an id of its own', () => {
    expect(new Set(components.map((c) => c.unique_id)).size).toBe(components.length);
    expect(new Set(components.map((c) => c.default_entity_id)).size).toBe(components.length);
    for (const c of components) expect(c.default_entity_id.startsWith(`${c.platform}.`)).toBe(true);
  });

  it('reads only fields that the topic has', () => {
    for (const { state_topic, value_template } of components) {
      const schema = schemaOf(state_topic);
      const fields = [...value_template.matchAll(/value_json\.(\w+)/g)].map(([, field]) => field);
      expect(fields.length).toBeGreaterThan(0);
      for (const field of fields) expect(schema).toContain(`"${field}":`);
    }
  });
});

/** Keys of a gateway's components, and which of them are withdrawn: Home Assistant takes the platform alone for that. */
function keysOf({ payload }: { readonly payload: string }) {
  const { components } = JSON.parse(payload) as { components: Record<string, object> };
  const isWithdrawn = (key: string) => Object.keys(components[key] ?? {}).join() === 'platform';
  const keys = Object.keys(components);
  return { shown: keys.filter((key) => !isWithdrawn(key)), gone: keys.filter(isWithdrawn) };
}

it('shows one network without a twin, and no agreement', () => {
  const { shown } = keysOf(discoverGateway(identity, { networks: ['mine'], pairs: [] }));
  expect(shown).toContain('mine_sound');
  expect(shown.filter((name) => /xnor|agreement/.test(name))).toEqual([]);
});

it('withdraws entities of networks and pairs that are gone; the ids of those that stay do not change', () => {
  const both = { networks: ['mel', 'xnor'], pairs: [['mel', 'xnor']] as [string, string][] };
  const before = discoverGateway(identity, both);
  const after = discoverGateway(
    identity,
    { networks: ['new', 'xnor'], pairs: [] },
    before.platforms,
  );
  const figures = ['sound', 'confidence', 'latency', 'energy'];
  expect(keysOf(after).gone).toEqual([
    'agreement_mel__xnor',
    ...figures.map((what) => `mel_${what}`),
  ]);
  const idOf = ({ payload }: typeof before) => JSON.parse(payload).components.xnor_sound.unique_id;
  expect(idOf(after)).toBe(idOf(before));
  const back = discoverGateway(identity, both, after.platforms);
  expect(keysOf(back).gone).toEqual(figures.map((what) => `new_${what}`));
});

describe('the update entity', () => {
  it('installs by a command that the gateway takes', () => {
    const { components } = discoverySchema.parse(JSON.parse(announcements[1]?.payload ?? ''));
    const update = Object.values(components).find((c) => c.platform === 'update');
    if (update?.platform !== 'update') throw new Error('no update entity');
    const bytes = new TextEncoder().encode(update.payload_install);
    expect(readCommand(identity.root, update.command_topic, bytes)).toEqual({
      kind: 'ok',
      command: { name: 'command/push', payload: { board: board.name } },
    });
  });
});
