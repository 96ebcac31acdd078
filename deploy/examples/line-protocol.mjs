#!/usr/bin/env node
// Prints what gateways hear as InfluxDB line protocol, for Telegraf's execd input or any time series database:
//   node line-protocol.mjs mqtt://127.0.0.1:1883 [otolith]
// Telegraf: [[inputs.execd]]
//             command = ["node", "/opt/otolith/deploy/examples/line-protocol.mjs", "mqtt://127.0.0.1:1883"]
//             data_format = "influx"
// otolith sends every event at least once, under an id that stays the same: what was seen before is dropped here.
import mqtt from 'mqtt';

const [url = 'mqtt://127.0.0.1:1883', base = 'otolith'] = process.argv.slice(2);
const REMEMBERED = 10_000;
const seen = new Set();

function isNew(id) {
  if (seen.has(id)) return false;
  seen.add(id);
  if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
  return true;
}

const escaped = (text) => String(text).replaceAll(/[,= ]/g, '\\$&');
const quoted = (text) => `"${String(text).replaceAll(/["\\]/g, '\\$&')}"`;

function line(measurement, tags, fields, at) {
  const all = Object.entries(tags).map(([key, value]) => `,${key}=${escaped(value)}`);
  const values = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? quoted(value) : value}`);
  return `${measurement}${all.join('')} ${values.join(',')} ${BigInt(Date.parse(at)) * 1_000_000n}`;
}

function classification(gateway, message, where) {
  const { network, model, latency, energy } = message;
  return line(
    'otolith_classification',
    { gateway, where, network, model, unit: latency.unit, energy_source: energy.source },
    {
      class: message.class,
      confidence: message.confidence,
      latency: latency.value,
      energy_uj: energy.uJ,
      same_as_gateway: message.sameAsGateway,
    },
    message.at,
  );
}

function detection(gateway, { network, confidence, at, ...rest }) {
  return line('otolith_detection', { gateway, network, class: rest.class }, { confidence }, at);
}

const client = mqtt.connect(url, { clean: false, clientId: `line-protocol-${process.pid}` });
client.on('connect', () => {
  client.subscribe(
    [`${base}/+/classification/+`, `${base}/+/board/+/classification`, `${base}/+/detection`],
    { qos: 1 },
  );
});
client.on('error', (error) => console.error(`line-protocol: ${error.message}`));
client.on('message', (topic, payload) => {
  const message = JSON.parse(payload.toString());
  if (!isNew(message.id)) return;
  const [gateway, kind, board] = topic.slice(base.length + 1).split('/');
  if (kind === 'detection') console.log(detection(gateway, message));
  else console.log(classification(gateway, message, kind === 'board' ? board : 'gateway'));
});
