/* Cortex-M55: MVE, the M-profile vector extension. */
#ifndef OTO_KERNELS_MVE_H
#define OTO_KERNELS_MVE_H

#include "common/fixed_point_dsp.h"
#include "common/lanes_of_four.h"

#include "add/mve.h"
#include "conv/mve.h"
#include "fused-front-end/bits_mve.h"
#include "fused-front-end/real_mve.h"
#include "log-mel/dsp.h"
#include "xnor-conv/portable.h"

#include "kernels_common.h"
#include "xnor-conv/mve.h"

#endif
