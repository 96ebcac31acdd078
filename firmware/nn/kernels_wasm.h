/* WebAssembly with SIMD. */
#ifndef OTO_KERNELS_WASM_H
#define OTO_KERNELS_WASM_H

#include "common/fixed_point_portable.h"
#include "common/lanes_of_four.h"
#include "common/no_loops.h"

#include "add/portable.h"
#include "conv/wasm.h"
#include "fused-front-end/bits_portable.h"
#include "fused-front-end/real_wasm.h"
#include "log-mel/portable.h"
#include "xnor-conv/wasm.h"

#include "kernels_common.h"
#include "xnor-conv/run.h"

#endif
