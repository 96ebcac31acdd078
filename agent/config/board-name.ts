import type { Config } from './schema.ts';

/** Name of a board in topics: the configured one, or one made from its id. */
export function boardName({ id, name }: Pick<Config['boards'][number], 'id' | 'name'>): string {
  const bare = id.replace(/^\/dev\/serial\/by-id\//, '').toLowerCase();
  return name ?? bare.replaceAll(/[^a-z0-9_-]+/g, '-').slice(0, 63);
}
