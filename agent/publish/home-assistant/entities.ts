/** An entity of a device, in the fields of Home Assistant's MQTT discovery. */
export type Component = Readonly<Record<string, unknown>>;

/** Fields that every component of a device has: its stable id, its name, and where its entity id starts. */
export function component(device: string, platform: string, key: string, name: string): Component {
  return {
    platform,
    unique_id: `${device}_${key}`,
    default_entity_id: `${platform}.${device}_${key}`.replaceAll('-', '_'),
    name,
  };
}

export function sensor(
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

export const PERCENT = { unit_of_measurement: '%', state_class: 'measurement' } as const;
export const DIAGNOSTIC = { entity_category: 'diagnostic' } as const;

/** A figure may be absent (a network not run yet, energy without a source): Home Assistant then shows "unknown". */
export const orNone = (path: string) => `{{ ${path} | default(none) }}`;
