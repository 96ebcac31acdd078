import { type Model, readModel as readFile } from '../model/model.ts';
import { existingModelPath } from '../run/network-files.ts';

/**
 * Reads a deployed model: a name from the zoo (see `zooNames`), or a path.
 * @throws UserError `model` where there is none, or the file is not valid
 */
export function readModel(nameOrPath: string): Promise<Model> {
  return Promise.resolve(nameOrPath).then(existingModelPath).then(readFile);
}
