/* Any target: plain C. */
#ifndef OTO_KERNELS_PORTABLE_H
#define OTO_KERNELS_PORTABLE_H

#include "common/fixed_point_portable.h"
#include "common/lanes_of_one.h"
#include "common/no_loops.h"

#include "add/portable.h"
#include "conv/portable.h"
#include "fused-front-end/bits_portable.h"
#include "fused-front-end/real_portable.h"
#include "log-mel/portable.h"
#include "xnor-conv/portable.h"

#include "kernels_common.h"
#include "xnor-conv/run.h"

#endif
