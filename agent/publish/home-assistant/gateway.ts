import type { Pair } from '../../../protocol/payloads.ts';
import { topicOf } from '../../../protocol/topics.ts';
import type { RetainedMessage } from '../retained.ts';
import { announcement, deviceOf, type GatewayIdentity } from './device.ts';
import { type Component, component, DIAGNOSTIC, PERCENT, sensor } from './entities.ts';

/** What runs on the gateway: names of networks, and the pairs that are compared. */
export interface Announced {
  readonly networks: readonly string[];
  readonly pairs: readonly Pair[];
}

type Components = Readonly<Record<string, Component>>;

/** The entities of one network; their ids depend on its name alone. */
function networkComponents(
  device: string,
  { root }: GatewayIdentity,
  network: string,
): readonly (readonly [string, Component])[] {
  const verdict = topicOf(root, 'classification/{network}', { network });
  const entity = (what: string, name: string, topic: string, template: string) =>
    sensor(device, `${network}_${what}`, `${name} (${network})`, topic, template);
  /** A network that has just been added stands in the states only when they are published next. */
  const figure = (field: string) =>
    `{{ (value_json.networks['${network}'] | default({})).${field} | default(none) }}`;
  const sound = entity('sound', 'Sound', verdict, '{{ value_json.class }}');
  const percent = '{{ (value_json.confidence * 100) | round(1) }}';
  const confidence = entity('confidence', 'Confidence', verdict, percent);
  const latency = entity('latency', 'Latency', topicOf(root, 'latency'), figure('median'));
  const energyTopic = topicOf(root, 'energy');
  const energy = entity('energy', 'Energy per inference', energyTopic, figure('uJ'));
  const measured = { state_class: 'measurement', ...DIAGNOSTIC } as const;
  return [
    [`${network}_sound`, { ...sound, icon: 'mdi:ear-hearing' }],
    [`${network}_confidence`, { ...confidence, ...PERCENT }],
    [
      `${network}_latency`,
      { ...latency, device_class: 'duration', unit_of_measurement: 'ms', ...measured },
    ],
    [`${network}_energy`, { ...energy, unit_of_measurement: 'µJ', ...measured }],
  ];
}

/** All pairs are published on one topic: another pair's message leaves the entity as it is. */
function agreementOf(device: string, { root }: GatewayIdentity, [a, b]: Pair) {
  const key = `agreement_${a}__${b}`;
  const template = `{{ (value_json.agreement * 100) | round(1) if value_json.pair == ['${a}', '${b}'] else '' }}`;
  const name = `Agreement of ${a} and ${b}`;
  const entity = sensor(device, key, name, topicOf(root, 'comparison'), template);
  return [key, { ...entity, ...PERCENT }] as const;
}

function gatewayComponents(
  device: string,
  identity: GatewayIdentity,
  { networks, pairs }: Announced,
): Components {
  const topic = (name: Parameters<typeof topicOf>[1]) => topicOf(identity.root, name);
  return {
    detection: {
      ...sensor(
        device,
        'detection',
        'Last detection',
        topic('detection'),
        '{{ value_json.class }}',
      ),
      icon: 'mdi:bell-ring',
      json_attributes_topic: topic('detection'),
    },
    audio: {
      ...component(device, 'binary_sensor', 'audio', 'Audio'),
      state_topic: topic('audio'),
      value_template: "{{ 'ON' if value_json.state == 'online' else 'OFF' }}",
      device_class: 'connectivity',
      json_attributes_topic: topic('audio'),
      ...DIAGNOSTIC,
    },
    model: {
      ...sensor(
        device,
        'model',
        'Networks',
        topic('firmware'),
        "{{ value_json.networks.values() | map(attribute='model') | join(', ') }}",
      ),
      ...DIAGNOSTIC,
    },
    ...Object.fromEntries(pairs.map((pair) => agreementOf(device, identity, pair))),
    ...Object.fromEntries(
      networks.flatMap((network) => networkComponents(device, identity, network)),
    ),
  };
}

/** Components of a device by key, and the platform of each. */
export type Platforms = Readonly<Record<string, string>>;

/**
 * The device of the gateway, as Home Assistant's MQTT device discovery describes it: entities of the networks that run and
 * of the pairs that are compared. `known` are those that it had before: what is no longer among them is withdrawn, which is
 * said by the platform alone.
 */
export function discoverGateway(
  identity: GatewayIdentity,
  announced: Announced,
  known: Platforms = {},
): RetainedMessage & { readonly platforms: Platforms } {
  const device = deviceOf(identity);
  const components = gatewayComponents(device, identity, announced);
  const withdrawn = Object.entries(known).filter(([key]) => components[key] === undefined);
  const { gateway: name, version: sw_version } = identity;
  const about = { id: device, name, model: 'Gateway', sw_version };
  const message = announcement(identity, about, [topicOf(identity.root, 'status')], {
    ...components,
    ...Object.fromEntries(withdrawn.map(([key, platform]) => [key, { platform }])),
  });
  const now = Object.entries(components).map(([key, { platform }]) => [key, String(platform)]);
  return { ...message, platforms: Object.fromEntries([...withdrawn, ...now]) };
}
