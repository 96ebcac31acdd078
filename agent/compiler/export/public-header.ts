import { targetName } from '../../build/target.ts';
import { cString } from '../../c/c-source.ts';
import { scoreScaleQ24 } from '../../model/scores.ts';
import type { ExportContext } from './context.ts';

/** The header a program includes: sizes, units, labels, and how to run the network. */
export function publicHeader(context: ExportContext): string {
  const { model, kind, emitted, id, macro, windowSamples } = context;
  const { metadata, hash } = model;
  const seconds = (windowSamples / metadata.sampleRate).toFixed(3);
  const labels = metadata.labels.map((label) => `        ${cString(label)}, \\`);
  return `/* ${metadata.name}: which of ${metadata.labels.length} sounds a window of ${seconds} s is (${kind} network, ${metadata.provenance.weights} weights).
 *
 *     ${macro}_ALIGNED static uint8_t arena[${macro}_ARENA_BYTES];
 *     int32_t scores[${macro}_CLASSES];
 *
 *     ${id}_model.reset(arena);
 *     ${id}_model.feed(arena, samples, count);    as samples arrive, in any portions
 *     ${id}_model.finish(arena, scores);          once ${macro}_WINDOW_SAMPLES have come in
 *
 * The highest score is the network's answer: scores[i] belongs to ${id}_model.labels[i]. A score times
 * ${macro}_SCORE_SCALE_Q24 / 2^24 is a logit; softmax of the logits is a confidence. Not more samples
 * than a window may be fed before the next reset. No function allocates, blocks or keeps state outside
 * the arena, which belongs to the caller; what it holds before a reset does not matter. */
#ifndef ${macro}_H
#define ${macro}_H

#include "oto_model.h"

#define ${macro}_TARGET ${cString(targetName(context.target))}
#define ${macro}_SAMPLE_RATE ${metadata.sampleRate}u /* Hz */
#define ${macro}_WINDOW_SAMPLES ${windowSamples}u /* int16, mono, full scale 32767 */
#define ${macro}_CLASSES ${metadata.labels.length}u
#define ${macro}_SCORE_SCALE_Q24 ${scoreScaleQ24(model)}u
#define ${macro}_ARENA_BYTES ${emitted.layout.arena.bytes}u /* of RAM, aligned to 16 */
#if defined(__GNUC__)
#define ${macro}_ALIGNED __attribute__((aligned(16)))
#elif defined(__cplusplus)
#define ${macro}_ALIGNED alignas(16)
#else
#define ${macro}_ALIGNED _Alignas(16)
#endif

/* Labels in the order of scores, for tables of your own; ${id}_model.labels is the same. */
#define ${macro}_LABELS \\
    { \\
${labels.join('\n')}
    }

#ifdef __cplusplus
extern "C" {
#endif
/* Model file: SHA-256 ${hash}. */
extern const oto_model ${id}_model;
#ifdef __cplusplus
}
#endif

#endif
`;
}
