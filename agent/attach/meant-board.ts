import { UserError } from '../base/errors.ts';
import { isEmulatedId } from '../boards/emulated-id.ts';
import { runningEmulators } from '../emulator/registry.ts';

/**
 * What a person means who names an emulated board by its kind alone: the one on the default flash, unless that does not
 * run and another of its kind does.
 * @throws UserError `board-ambiguous`
 */
export async function meantBoard(id: string, stateDir: string): Promise<string> {
  if (!isEmulatedId(id) || id.includes('@')) return id;
  const ids = (await runningEmulators(stateDir)).map((emulator) => emulator.id);
  const others = ids.filter((other) => other.startsWith(`${id}@`));
  if (ids.includes(id) || others.length === 0) return id;
  const [only] = others;
  if (only !== undefined && others.length === 1) return only;
  throw new UserError('board-ambiguous', `${id} may be any of ${others.join(', ')}`, {
    hint: 'name one of them',
  });
}
