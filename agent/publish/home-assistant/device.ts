import type { RetainedMessage } from '../retained.ts';
import type { Component } from './entities.ts';

/** What discovery needs to know of the gateway. */
export interface GatewayIdentity {
  /** `<base>/<gateway>` */
  readonly root: string;
  readonly gateway: string;
  readonly version: string;
  /** Home Assistant's discovery prefix. */
  readonly prefix: string;
}

/** Where the device of a gateway or board is announced. */
export function discoveryTopic({ prefix }: GatewayIdentity, device: string): string {
  return `${prefix}/device/${device}/config`;
}

/** The device of a gateway, as part of unique ids. */
export function deviceOf({ gateway }: GatewayIdentity): string {
  return `otolith_${gateway}`;
}

/** A device as Home Assistant shows it; `id` starts the ids of its entities. */
interface Device {
  readonly id: string;
  readonly name: string;
  readonly model: string;
  /** The device that it is reached through. */
  readonly via_device?: string;
  readonly sw_version?: string;
}

/** Announces a device with its entities, as MQTT device discovery wants it: reachable while all its states are online. */
export function announcement(
  identity: GatewayIdentity,
  { id, name, ...about }: Device,
  stateTopics: readonly string[],
  components: Readonly<Record<string, Component>>,
): RetainedMessage {
  const payload = {
    device: { identifiers: [id], name: `otolith ${name}`, manufacturer: 'otolith', ...about },
    origin: { name: 'otolith', sw_version: identity.version },
    availability: stateTopics.map(availability),
    ...(stateTopics.length > 1 ? { availability_mode: 'all' } : {}),
    qos: 1,
    components,
  };
  return { topic: discoveryTopic(identity, id), payload: JSON.stringify(payload) };
}

function availability(topic: string): Component {
  return {
    topic,
    value_template: '{{ value_json.state }}',
    payload_available: 'online',
    payload_not_available: 'offline',
  };
}
