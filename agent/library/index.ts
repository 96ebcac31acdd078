/**
 * otolith as a library: what `import { ... } from 'otolith'` gives, and all of it. Files inside the package are no part of it
 * and move between versions; these names change only with a first or second number of the version.
 * A failure that a person can do something about is a `UserError`; its `line` says what, where, and what to do.
 */

export { UserError } from '../base/errors.ts';
export type { Classification } from '../engine/compiled-model.ts';
export {
  formatModel,
  kindOf,
  type Model,
  parseModel,
  writeModel,
} from '../model/model.ts';
export { type ReferenceRun, runReference } from '../model/reference.ts';
export { zooNames } from '../run/zoo.ts';
export { type BoardOptions, type OpenBoard, openBoard } from './board.ts';
export { exportC, generateC } from './c.ts';
export { type CompileOptions, compileForGateway, type GatewayModel } from './gateway.ts';
export { readModel } from './models.ts';
export { classify, readSamples, type SoundClassification } from './sound.ts';
