/* Cortex-M4, M7 and M33: the DSP extension. */
#ifndef OTO_KERNELS_DSP_H
#define OTO_KERNELS_DSP_H

#include "common/fixed_point_dsp.h"
#include "common/lanes_of_one.h"

#include "add/portable.h"
#include "conv/dsp.h"
#include "fused-front-end/bits_dsp.h"
#include "fused-front-end/real_dsp.h"
#include "log-mel/dsp.h"
#include "xnor-conv/dsp.h"

#include "kernels_common.h"
#include "xnor-conv/run.h"

#endif
