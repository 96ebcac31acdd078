import { readdirSync } from 'node:fs';
import type { ConfiguredBoard, ResolvedConfig } from '../config/load.ts';

/** ALSA shows every capture device as pcmC<card>D<device>c. */
export function hasMicrophone(directory = '/dev/snd'): boolean {
  try {
    return readdirSync(directory).some((name) => /^pcmC\d+D\d+c$/.test(name));
  } catch {
    return false;
  }
}

/**
 * What `npm start` runs on where no configuration file says otherwise: an emulated board beside the gateway, and, where
 * there is no microphone, the clips that come with otolith.
 */
export function demoConfig(config: ResolvedConfig, microphone: boolean): ResolvedConfig {
  const { network } = config.detection;
  const first = config.networks[0]?.name ?? 'best';
  const board: ConfiguredBoard = {
    id: 'emulated:cortex-m4',
    network: network === 'agree' ? first : network,
  };
  return {
    ...config,
    audio: { ...config.audio, source: microphone ? config.audio.source : 'clips' },
    boards: config.boards.length > 0 ? config.boards : [board],
  };
}
