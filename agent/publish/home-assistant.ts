import { type NetworkKind, topicOf } from '../../protocol/topics.ts';
import type { RetainedMessage } from './retained.ts';

/** What discovery needs to know of the gateway. */
export interface GatewayIdentity {
  /** `<base>/<gateway>` */
  readonly root: string;
  readonly gateway: string;
  readonly version: string;
  /** Home Assistant's discovery prefix. */
  readonly prefix: string;
}

export interface BoardIdentity {
  readonly name: string;
  readonly core: string;
}

type Component = Readonly<Record<string, unknown>>;

/** Fields that every component of a device has: its stable id, its name, and where its entity id starts. */
function component(device: string, platform: string, key: string, name: string): Component {
  return {
    platform,
    unique_id: `${device}_${key}`,
    default_entity_id: `${platform}.${device}_${key}`.replaceAll('-', '_'),
    name,
  };
}

function sensor(
  device: string,
  key: string,
  name: string,
  topic: string,
  template: string,
): Component {
  return {
    ...component(device, 'sensor', key, name),
    state_topic: topic,
    value_template: template,
  };
}

const PERCENT = { unit_of_measurement: '%', state_class: 'measurement' } as const;
const DIAGNOSTIC = { entity_category: 'diagnostic' } as const;

/** A figure may be absent (a network not run yet, energy without a source): Home Assistant then shows "unknown". */
const orNone = (path: string) => `{{ ${path} | default(none) }}`;

function agreementOf(device: string, comparison: string): Component {
  const template = '{{ (value_json.agreement * 100) | round(1) }}';
  return {
    ...sensor(device, 'agreement', 'Agreement of the networks', comparison, template),
    ...PERCENT,
  };
}

function gatewayComponents(
  device: string,
  { root }: GatewayIdentity,
  networks: readonly NetworkKind[],
  compared: boolean,
): Record<string, Component> {
  const topic = (name: Parameters<typeof topicOf>[1], places = {}) => topicOf(root, name, places);
  const each = networks.flatMap((network) => [
    [
      `${network}_sound`,
      {
        ...sensor(
          device,
          `${network}_sound`,
          `Sound (${network})`,
          topic('classification/{network}', { network }),
          '{{ value_json.class }}',
        ),
        icon: 'mdi:ear-hearing',
      },
    ],
    [
      `${network}_confidence`,
      {
        ...sensor(
          device,
          `${network}_confidence`,
          `Confidence (${network})`,
          topic('classification/{network}', { network }),
          '{{ (value_json.confidence * 100) | round(1) }}',
        ),
        ...PERCENT,
      },
    ],
    [
      `${network}_latency`,
      {
        ...sensor(
          device,
          `${network}_latency`,
          `Latency (${network})`,
          topic('latency'),
          orNone(`value_json.networks.${network}.median`),
        ),
        device_class: 'duration',
        unit_of_measurement: 'ms',
        state_class: 'measurement',
        ...DIAGNOSTIC,
      },
    ],
    [
      `${network}_energy`,
      {
        ...sensor(
          device,
          `${network}_energy`,
          `Energy per inference (${network})`,
          topic('energy'),
          orNone(`value_json.networks.${network}.uJ`),
        ),
        unit_of_measurement: 'µJ',
        state_class: 'measurement',
        ...DIAGNOSTIC,
      },
    ],
  ]);
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
    ...(compared ? { agreement: agreementOf(device, topic('comparison')) } : {}),
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
    ...Object.fromEntries(each),
  };
}

function boardComponents(
  device: string,
  { root }: GatewayIdentity,
  { name }: BoardIdentity,
): Record<string, Component> {
  const topic = (topicName: Parameters<typeof topicOf>[1]) =>
    topicOf(root, topicName, { board: name });
  const verdict = topic('board/{board}/classification');
  return {
    sound: {
      ...sensor(device, 'sound', 'Sound', verdict, '{{ value_json.class }}'),
      icon: 'mdi:ear-hearing',
    },
    confidence: {
      ...sensor(
        device,
        'confidence',
        'Confidence',
        verdict,
        '{{ (value_json.confidence * 100) | round(1) }}',
      ),
      ...PERCENT,
    },
    latency: {
      ...sensor(
        device,
        'latency',
        'Ticks per inference',
        topic('board/{board}/latency'),
        '{{ value_json.median }}',
      ),
      state_class: 'measurement',
      json_attributes_topic: topic('board/{board}/latency'),
      ...DIAGNOSTIC,
    },
    energy: {
      ...sensor(
        device,
        'energy',
        'Energy per inference',
        topic('board/{board}/energy'),
        orNone('value_json.energy.uJ'),
      ),
      unit_of_measurement: 'µJ',
      state_class: 'measurement',
      json_attributes_topic: topic('board/{board}/energy'),
      ...DIAGNOSTIC,
    },
    same: {
      ...component(device, 'binary_sensor', 'same', 'Differs from gateway'),
      state_topic: verdict,
      value_template: "{{ 'ON' if value_json.sameAsGateway == false else 'OFF' }}",
      device_class: 'problem',
      ...DIAGNOSTIC,
    },
    firmware: {
      ...component(device, 'update', 'firmware', 'Firmware'),
      state_topic: topic('board/{board}/firmware'),
      // Home Assistant takes these keys only: what else the topic holds stays out.
      value_template:
        "{{ {'installed_version': value_json.installed_version, 'latest_version': value_json.latest_version, 'in_progress': value_json.in_progress, 'update_percentage': value_json.update_percentage} | to_json }}",
      command_topic: topicOf(root, 'command/push'),
      payload_install: JSON.stringify({ board: name }),
      device_class: 'firmware',
      title: 'otolith firmware',
      entity_category: 'config',
    },
  };
}

function origin(version: string): Component {
  return { name: 'otolith', sw_version: version };
}

function availability(topic: string): Component {
  return {
    topic,
    value_template: '{{ value_json.state }}',
    payload_available: 'online',
    payload_not_available: 'offline',
  };
}

/**
 * The device of the gateway, as Home Assistant's MQTT device discovery describes it, with the networks that run and,
 * where they are compared, their agreement.
 */
export function discoverGateway(
  identity: GatewayIdentity,
  networks: readonly NetworkKind[],
  compared: boolean,
): RetainedMessage {
  const device = `otolith_${identity.gateway}`;
  const payload = {
    device: {
      identifiers: [device],
      name: `otolith ${identity.gateway}`,
      manufacturer: 'otolith',
      model: 'Gateway',
      sw_version: identity.version,
    },
    origin: origin(identity.version),
    availability: [availability(topicOf(identity.root, 'status'))],
    qos: 1,
    components: gatewayComponents(device, identity, networks, compared),
  };
  return {
    topic: `${identity.prefix}/device/${device}/config`,
    payload: JSON.stringify(payload),
  };
}

/** The device of a board: reachable only while both gateway and board are. */
export function discoverBoard(identity: GatewayIdentity, board: BoardIdentity): RetainedMessage {
  const gateway = `otolith_${identity.gateway}`;
  const device = `${gateway}_${board.name}`;
  const payload = {
    device: {
      identifiers: [device],
      name: `otolith ${board.name}`,
      manufacturer: 'otolith',
      model: board.core,
      via_device: gateway,
    },
    origin: origin(identity.version),
    availability: [
      availability(topicOf(identity.root, 'status')),
      availability(topicOf(identity.root, 'board/{board}/status', { board: board.name })),
    ],
    availability_mode: 'all',
    qos: 1,
    components: boardComponents(device, identity, board),
  };
  return {
    topic: `${identity.prefix}/device/${device}/config`,
    payload: JSON.stringify(payload),
  };
}
