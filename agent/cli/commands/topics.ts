import { explain } from '../help.ts';
import type { TopicsOptions } from '../topics.ts';
import type { AddCommand } from './command.ts';

/** `otolith topics` */
export const addTopics: AddCommand = (program) => {
  const topics = program
    .command('topics')
    .description('list the MQTT topics below <base>/<gateway>/, with their payloads for programs')
    .option('--asyncapi', 'an AsyncAPI 3.0 document (JSON)')
    .option('--schema', 'JSON Schema of every payload, by topic')
    .action(async (options: TopicsOptions) => (await import('../topics.ts')).printTopics(options));
  explain(topics, {
    examples: ['otolith topics', 'otolith topics --asyncapi > asyncapi.json'],
  });
};
