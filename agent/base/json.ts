/** What the text says as JSON, for a schema to judge; undefined, which no schema here takes, if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
