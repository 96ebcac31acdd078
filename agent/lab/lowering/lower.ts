import { buildModel, type Model } from '../../model/model.ts';
import { simplified } from '../../model/simplify.ts';
import type { LogMelNode, LstmNode, Node } from '../../nets/graph.ts';
import { STATE_SCALE } from '../../ops/lstm/reference.ts';
import { lstmLayer } from './lower-lstm.ts';
import { logMelLayer } from './lower-mel.ts';
import { paperConv } from './lower-paper.ts';
import { averageLayer, denseLayer, plainConv } from './lower-real.ts';
import { residualConv } from './lower-residual.ts';
import { type DeployOptions, Draft } from './lowering.ts';

/**
 * Turns a trained float network into the integers of firmware/SPEC.md: batch norm folded, weights per channel,
 * activations by calibration, signs by integer thresholds; weights that no window ever meets are left out.
 */
export function deploy(options: DeployOptions): Model {
  const draft = new Draft(options);
  for (const node of options.net.nodes) add(draft, node);
  const { net, metadata } = options;
  const model = buildModel(
    {
      format: 'otolith-model',
      version: 1,
      ...metadata,
      sampleRate: net.sampleRate,
      input: [net.input[0], net.input[1], net.input[2]],
      layers: draft.layers,
    },
    draft.tensors,
  );
  return simplified(model);
}

/** Adds the layers of one node. */
function add(draft: Draft, node: Node): void {
  switch (node.kind) {
    case 'conv':
      if (node.form === 'plain') plainConv(draft, node);
      else if (node.form === 'paper') paperConv(draft, node);
      else residualConv(draft, node);
      return;
    case 'channelsToHeight': {
      const { id } = node;
      draft.layers.push({ kind: 'channelsToHeight', id, from: draft.source(node).id });
      draft.passOn(node, id);
      return;
    }
    case 'dropout':
      draft.passOn(node, draft.source(node).id);
      return;
    case 'average':
      averageLayer(draft, node);
      return;
    case 'dense':
      denseLayer(draft, node);
      return;
    case 'logMel':
      addLogMel(draft, node);
      return;
    case 'lstm':
      addLstm(draft, node);
      return;
  }
}

function addLogMel(draft: Draft, node: LogMelNode): void {
  const { sampleRate } = draft.options.net;
  const { layer, tensors } = logMelLayer(node, draft.source(node).id, sampleRate);
  for (const [name, values] of tensors) draft.tensors.set(name, values);
  draft.layers.push(layer);
  draft.store(node, { type: 'int8', scale: layer.scale, zeroPoint: layer.zeroPoint });
}

function addLstm(draft: Draft, node: LstmNode): void {
  const [, width, channels] = draft.shape(node.from);
  const { layer, tensors } = lstmLayer({
    node,
    inputs: width * channels,
    weight: draft.values(node.id, 'weight'),
    recurrent: draft.values(node.id, 'recurrent'),
    bias: draft.values(node.id, 'bias'),
    source: draft.source(node),
    means: draft.options.biasCorrection ? draft.inputMeans(node) : undefined,
  });
  for (const [name, values] of tensors) draft.tensors.set(name, values);
  draft.layers.push(layer);
  draft.store(node, { type: 'int8', scale: STATE_SCALE, zeroPoint: 0 });
}
