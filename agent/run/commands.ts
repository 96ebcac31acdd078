import type { Command, ReceivedCommand } from '../../protocol/commands.ts';
import type { Payload } from '../../protocol/topics.ts';
import type { Boards } from './boards.ts';
import type { Metrics } from './metrics.ts';
import type { NamedModel } from './network.ts';

/** What a command came to. */
export interface Answer {
  readonly ok: boolean;
  readonly message: string;
}

export interface Addressees {
  readonly metrics: Pick<Metrics, 'label'>;
  readonly boards: Pick<Boards, 'named'>;
  /** Those that run. */
  readonly networks: readonly NamedModel[];
}

const done = (message: string): Answer => ({ ok: true, message });
const failed = (message: string): Answer => ({ ok: false, message });

/** Acts on what came as a command. Pushes are only begun: how they go is published on the board's `firmware`. */
export function carryOut(received: ReceivedCommand, addressees: Addressees): Answer {
  return received.kind === 'ok' ? execute(received.command, addressees) : failed(received.message);
}

function execute(command: Command, { metrics, boards, networks }: Addressees): Answer {
  switch (command.name) {
    case 'command/label':
      return label(command.payload, metrics);
    case 'command/push':
    case 'command/network': {
      const { board, network: name } = command.payload;
      const keeper = boards.named(board);
      if (keeper === undefined)
        return failed(`there is no board ${board}; configure it under boards`);
      const network = networks.find((each) => each.name === name);
      if (name !== undefined && network === undefined) {
        const names = networks.map((each) => each.name).join(', ');
        return failed(`there is no network ${name}; give one of ${names}`);
      }
      return done(keeper.push(network));
    }
  }
}

/** Classes that an answer names; networks may know hundreds. */
const CLASSES_NAMED = 20;

function label(
  { window, label }: Payload<'command/label'>,
  metrics: Addressees['metrics'],
): Answer {
  const labelled = metrics.label(window, label);
  switch (labelled.kind) {
    case 'counted':
      return done(`window ${window} was ${label}`);
    case 'forgotten':
      return failed(`window ${window} is not remembered; label one of the last ten minutes`);
    case 'unknown': {
      const { classes } = labelled;
      const more = classes.length > CLASSES_NAMED ? ', ...' : '';
      const named = `${classes.slice(0, CLASSES_NAMED).join(', ')}${more}`;
      return failed(`${label} is no class of the networks that run; give one of ${named}`);
    }
  }
}
