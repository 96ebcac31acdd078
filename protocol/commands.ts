import { printable } from './printable.ts';
import { type CommandName, type Payload, topicNames, topics } from './topics.ts';

/** Most bytes of a command; anything longer is refused unread. */
const MAX_COMMAND_BYTES = 4096;

/** What is repeated of a refused command, in characters: senders may write what they like. */
const SHOWN = 300;

/** A command as it came from the broker: valid, or the sentence that says why not. */
export type ReceivedCommand =
  | { readonly kind: 'ok'; readonly command: Command }
  | { readonly kind: 'refused'; readonly name: string; readonly message: string };

/** A valid command, told apart by `name`. */
export type Command = {
  [N in CommandName]: { readonly name: N; readonly payload: Payload<N> };
}[CommandName];

function isCommandName(name: string): name is CommandName {
  return topicNames.some((known) => known === name && topics[known].kind === 'command');
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Checks a message that arrived on `<root>/command/...`; never throws. */
export function readCommand(root: string, topic: string, bytes: Uint8Array): ReceivedCommand {
  const name = topic.slice(root.length + 1);
  const refuse = (message: string): ReceivedCommand => ({
    kind: 'refused',
    name: printable(name.slice(0, SHOWN)),
    message: printable(message.slice(0, SHOWN)),
  });
  if (!isCommandName(name)) {
    const known = topicNames.filter(isCommandName).join(', ');
    return refuse(`there is no ${name.slice(0, 60)}; known commands: ${known}`);
  }
  if (bytes.length > MAX_COMMAND_BYTES) {
    return refuse(`payload of ${bytes.length} bytes; send at most ${MAX_COMMAND_BYTES}`);
  }
  const json = parseJson(new TextDecoder().decode(bytes));
  if (json === undefined) return refuse('payload is not JSON; send an object');
  const parsed = topics[name].schema.safeParse(json.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? 'payload' : issue.path.join('.');
    const fields = Object.keys(topics[name].schema.shape).join(', ');
    return refuse(`${where}: ${issue?.message ?? 'invalid'}; send an object of ${fields}`);
  }
  return { kind: 'ok', command: { name, payload: parsed.data } as Command };
}
