import { asyncApi, payloadSchemas } from '../../protocol/asyncapi.ts';
import { topicTable } from '../../protocol/topics.ts';
import { VERSION } from '../base/version.ts';

export interface TopicsOptions {
  readonly asyncapi?: boolean;
  readonly schema?: boolean;
}

/** `otolith topics` */
export function printTopics({ asyncapi, schema }: TopicsOptions): void {
  if (asyncapi) console.log(JSON.stringify(asyncApi(VERSION), null, 2));
  else if (schema) console.log(JSON.stringify(payloadSchemas(), null, 2));
  else console.log(topicTable());
}
