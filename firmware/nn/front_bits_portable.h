/* Signs of a binary front end's first convolution where the target has no kernel for them. */
#ifndef OTO_FRONT_BITS_PORTABLE_H
#define OTO_FRONT_BITS_PORTABLE_H

#include "front_bits_plain.h"

#define oto_front_bits_phase oto_front_bits_phase_plain

#endif
