/* The kernels that a generated file was made for, if the compiler's target can run them; the only
 * place that asks for the instruction set. A generated file defines one OTO_KERNELS_... before it
 * includes this: its weights lie in the order that these kernels read, and any others would compute
 * nonsense from them. */
#ifndef OTO_NN_H
#define OTO_NN_H

#include "oto_model.h"

/* clang-format off */
#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#define OTO_IS_CORTEX_M 1
#else
#define OTO_IS_CORTEX_M 0
#endif
#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)
#define OTO_HAS_MVE 1
#else
#define OTO_HAS_MVE 0
#endif
#if OTO_IS_CORTEX_M && defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#define OTO_HAS_DSP 1
#else
#define OTO_HAS_DSP 0
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#define OTO_NN_REFUSED
#error "otolith: the compiler's target is big-endian; otolith's kernels run on little-endian targets only"
#elif defined(OTO_KERNELS_PORTABLE) + defined(OTO_KERNELS_DSP) + defined(OTO_KERNELS_MVE) + defined(OTO_KERNELS_WASM) != 1
#define OTO_NN_REFUSED
#error "otolith: this C does not say which kernels its weights are packed for; generate it again with otolith compile <model> --source, and define no OTO_KERNELS_... yourself"

#elif defined(OTO_KERNELS_DSP) && OTO_HAS_MVE
#define OTO_NN_REFUSED
#error "otolith: this C is made for Cortex-M4, M7 and M33 (DSP kernels), but the compiler's target has MVE, as a Cortex-M55: give -mcpu=cortex-m4, cortex-m7 or cortex-m33, or generate C for it with otolith compile <model> --board cortex-m55"
#elif defined(OTO_KERNELS_DSP) && !OTO_HAS_DSP && OTO_IS_CORTEX_M
#define OTO_NN_REFUSED
#error "otolith: this C is made for Cortex-M4, M7 and M33 (DSP kernels), but the compiler's target is a Cortex-M without the DSP extension, as M0, M3 or M33+nodsp: give -mcpu=cortex-m4, cortex-m7 or cortex-m33, or generate C for any target with otolith compile <model> --target portable"
#elif defined(OTO_KERNELS_DSP) && !OTO_HAS_DSP
#define OTO_NN_REFUSED
#error "otolith: this C is made for Cortex-M4, M7 and M33 (DSP kernels), but the compiler's target is no Cortex-M: use arm-none-eabi-gcc -mcpu=cortex-m4 (or cortex-m7, cortex-m33), or generate C for any target with otolith compile <model> --target portable"
#elif defined(OTO_KERNELS_MVE) && !OTO_HAS_MVE && OTO_IS_CORTEX_M
#define OTO_NN_REFUSED
#error "otolith: this C is made for Cortex-M55 (MVE kernels), but the compiler's target is a Cortex-M without MVE: give -mcpu=cortex-m55 -mfloat-abi=hard, or generate C for it with otolith compile <model> --board cortex-m4 (or cortex-m7, cortex-m33), or for any target with --target portable"
#elif defined(OTO_KERNELS_MVE) && !OTO_HAS_MVE
#define OTO_NN_REFUSED
#error "otolith: this C is made for Cortex-M55 (MVE kernels), but the compiler's target is no Cortex-M: use arm-none-eabi-gcc -mcpu=cortex-m55 -mfloat-abi=hard, or generate C for any target with otolith compile <model> --target portable"
#elif defined(OTO_KERNELS_WASM) && defined(__wasm__) && !defined(__wasm_simd128__)
#define OTO_NN_REFUSED
#error "otolith: this C is made for WebAssembly with SIMD, which the compiler's target lacks: give -msimd128, or generate C for any target with otolith compile <model> --target portable"
#elif defined(OTO_KERNELS_WASM) && !defined(__wasm_simd128__)
#define OTO_NN_REFUSED
#error "otolith: this C is made for WebAssembly with SIMD, but the compiler's target is no WebAssembly: use clang --target=wasm32 -msimd128, or generate C for any target with otolith compile <model> --target portable"

/* The kernels' loops are written as macros of gas, which clang's assembler takes otherwise. */
#elif (defined(OTO_KERNELS_DSP) || defined(OTO_KERNELS_MVE)) && (defined(__clang__) || !defined(__GNUC__))
#define OTO_NN_REFUSED
#error "otolith: this C is made for Cortex-M with gcc's inline assembler, which this compiler does not handle: use arm-none-eabi-gcc, or generate C for any compiler with otolith compile <model> --target portable"
#endif

/* What a generated file asks for before it compiles the rest: one clear error instead of hundreds. The
 * number changes with what a file and these headers must agree on. */
#ifndef OTO_NN_REFUSED
#define OTO_NN_FORMAT 2

#ifdef OTO_KERNELS_MVE
/* gcc 12's first scheduler breaks MVE code. */
#pragma GCC optimize("no-schedule-insns")
#endif
/* clang-format on */

#if defined(OTO_KERNELS_DSP)
#include "kernels_dsp.h"
#elif defined(OTO_KERNELS_MVE)
#include "kernels_mve.h"
#elif defined(OTO_KERNELS_WASM)
#include "kernels_wasm.h"
#else
#include "kernels_portable.h"
#endif

#endif
#endif
