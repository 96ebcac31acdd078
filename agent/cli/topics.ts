import { asyncApi, payloadSchemas } from '../../protocol/asyncapi.ts';
import { topicTable } from '../../protocol/topics.ts';
import { VERSION } from '../version.ts';
import type { AddCommand } from './command.ts';

interface TopicsOptions {
  readonly asyncapi?: boolean;
  readonly schema?: boolean;
}

/** `otolith topics` */
export const addTopics: AddCommand = (program) => {
  program
    .command('topics')
    .description('list the MQTT topics below <base>/<gateway>/, with their payloads for programs')
    .option('--asyncapi', 'an AsyncAPI 3.0 document (JSON)')
    .option('--schema', 'JSON Schema of every payload, by topic')
    .action(({ asyncapi, schema }: TopicsOptions) => {
      if (asyncapi) console.log(JSON.stringify(asyncApi(VERSION), null, 2));
      else if (schema) console.log(JSON.stringify(payloadSchemas(), null, 2));
      else console.log(topicTable());
    });
};
