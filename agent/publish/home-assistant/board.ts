import { topicOf } from '../../../protocol/topics.ts';
import type { RetainedMessage } from '../retained.ts';
import { announcement, deviceOf, discoveryTopic, type GatewayIdentity } from './device.ts';
import { type Component, component, DIAGNOSTIC, orNone, PERCENT, sensor } from './entities.ts';

export interface BoardIdentity {
  readonly name: string;
  readonly core: string;
}

/** Where a board of a gateway is announced. */
export function boardTopic(identity: GatewayIdentity, name: string): string {
  return discoveryTopic(identity, `${deviceOf(identity)}_${name}`);
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

/** The device of a board: reachable only while both gateway and board are. */
export function discoverBoard(identity: GatewayIdentity, board: BoardIdentity): RetainedMessage {
  const gateway = deviceOf(identity);
  const device = `${gateway}_${board.name}`;
  const about = { id: device, name: board.name, model: board.core, via_device: gateway };
  const states = [
    topicOf(identity.root, 'status'),
    topicOf(identity.root, 'board/{board}/status', { board: board.name }),
  ];
  return announcement(identity, about, states, boardComponents(device, identity, board));
}
