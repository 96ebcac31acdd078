/* The kernels of the target being compiled for; the only place that asks which instruction set
 * there is. */
#ifndef OTO_NN_H
#define OTO_NN_H

#include "oto_model.h"
#include "oto_stage.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#include "two_stages_dsp.h"
#else
#include "two_stages_portable.h"
#endif

#include "bits.h"
#include "log_mel.h"
#include "lstm.h"
#include "map.h"

#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)
#include "front_mve.h"
#include "xnor_portable.h"
#elif defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#include "conv_dsp.h"
#include "front_dsp.h"
#include "xnor_dsp.h"
#elif defined(__wasm_simd128__)
#include "conv_wasm.h"
#include "xnor_wasm.h"
#else
#include "front_portable.h"
#include "xnor_portable.h"
#endif

#include "front.h"
#include "front_bits.h"
#include "window.h"
#include "xnor_run.h"
#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)
#include "xnor_mve.h"
#endif

#endif
