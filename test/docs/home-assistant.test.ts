import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { configSchema } from '../../agent/config/schema.ts';
import { readTrained } from '../../agent/run/network-files.ts';
import { topicOf, topics } from '../../protocol/topics.ts';
import { documents, splitBlocks, textOf } from './markdown.ts';

const pages = documents().filter((path) => path === 'README.md' || /^docs\/.*\.md$/.test(path));

const yamlBlocks = pages.flatMap((page) =>
  splitBlocks(textOf(page))
    .blocks.filter(({ language }) => language === 'yaml')
    .flatMap(({ text, line }) =>
      parseAllDocuments(text).map((document): { where: string; value: unknown } => ({
        where: `${page}:${line}`,
        value: document.toJS(),
      })),
    ),
);

const automationSchema = z.object({
  automation: z.array(
    z.object({
      triggers: z.tuple([z.object({ trigger: z.literal('mqtt'), topic: z.string() })]),
      conditions: z.tuple([z.object({ value_template: z.string() })]),
      actions: z.tuple([z.object({ data: z.object({ message: z.string() }) })]),
    }),
  ),
});

const gatewaySchema = z.object({ gateway: z.object({ name: z.string() }) });

it('every configuration in the documents is one that otolith takes', () => {
  const configurations = yamlBlocks.filter(
    ({ value }) => !automationSchema.safeParse(value).success,
  );
  expect(configurations.length).toBeGreaterThan(3);
  const faults = configurations.flatMap(({ where, value }) => {
    const { error } = configSchema.safeParse(value);
    return error === undefined ? [] : [`${where}: ${error.message}`];
  });
  expect(faults).toEqual([]);
});

it('the automation for Home Assistant waits for a topic, fields and a class that there are', async () => {
  const found = yamlBlocks.map(({ value }) => automationSchema.safeParse(value).data?.automation);
  const [automation] = found.filter((each) => each !== undefined).flat();
  const gateways = yamlBlocks.flatMap(({ value }) => gatewaySchema.safeParse(value).data ?? []);
  expect(automation?.triggers[0].topic).toBe(
    topicOf(`otolith/${gateways[0]?.gateway.name}`, 'detection'),
  );
  const text = JSON.stringify(automation);
  const fields = [...text.matchAll(/payload_json\.(\w+)/g)].map(([, field = '']) => field);
  expect(Object.keys(topics.detection.schema.shape)).toEqual(expect.arrayContaining(fields));
  const [, sound = ''] = /class == '(\w+)'/.exec(text) ?? [];
  const { metadata } = await readTrained({ name: 'qmicro', model: 'qmicro-acdnet-esc10' });
  expect(metadata.labels).toContain(sound);
});
