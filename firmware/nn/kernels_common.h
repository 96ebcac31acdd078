/* What every set of kernels has; a set has brought its arithmetic, convolutions and lanes before.
 */
#ifndef OTO_KERNELS_COMMON_H
#define OTO_KERNELS_COMMON_H

#include "average/portable.h"
#include "channels-to-height/portable.h"
#include "common/kept_window.h"
#include "dense/portable.h"
#include "fused-front-end/bits.h"
#include "fused-front-end/real.h"
#include "log-mel/run.h"
#include "lstm/portable.h"
#include "sign/portable.h"
#include "xnor-conv/table.h"

#endif
