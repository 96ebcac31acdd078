import { buildModel, type Model } from '../../model/model.ts';
import { simplified } from '../../model/simplify.ts';
import { nodeOperatorOf } from '../../ops/registry.ts';
import { type LoweringOptions, NetworkLowering } from './lowering.ts';

/**
 * Turns a trained float network into the integers of firmware/SPEC.md: batch norm folded, weights per channel,
 * activations by calibration, signs by integer thresholds; weights that no window ever meets are left out.
 */
export function lower(options: LoweringOptions): Model {
  const lowering = new NetworkLowering(options);
  for (const node of options.net.nodes) nodeOperatorOf(node).lower(node, lowering.at(node));
  const { net, metadata } = options;
  const model = buildModel(
    {
      format: 'otolith-model',
      version: 1,
      ...metadata,
      sampleRate: net.sampleRate,
      input: [net.input[0], net.input[1], net.input[2]],
      layers: lowering.layers,
    },
    lowering.tensors,
  );
  return simplified(model);
}
