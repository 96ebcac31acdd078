import { configReference } from '../config/reference.ts';
import { configJsonSchema } from '../config/schema.ts';

export interface SchemaOptions {
  readonly markdown?: boolean;
}

/** `otolith config schema` */
export function printSchema({ markdown }: SchemaOptions): void {
  console.log(markdown ? configReference() : JSON.stringify(configJsonSchema(), null, 2));
}
