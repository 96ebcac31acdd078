import { ACDNET_PRESETS } from './acdnet.ts';
import { MEL_NAMES } from './mel.ts';

/** Every architecture that a command may name. */
export const NET_NAMES: readonly string[] = [...Object.keys(ACDNET_PRESETS), ...MEL_NAMES];
