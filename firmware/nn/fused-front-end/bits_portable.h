/* Signs of a binary front end's first convolution where the target has no kernel for them. */
#ifndef OTO_FUSED_FRONT_END_BITS_PORTABLE_H
#define OTO_FUSED_FRONT_END_BITS_PORTABLE_H

#include "bits_plain.h"

#define oto_front_bits_first oto_front_bits_first_plain

#endif
