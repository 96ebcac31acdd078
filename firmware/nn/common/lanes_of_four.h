/* Words of signs that straight-line code handles at once: a vector of four. */
#ifndef OTO_COMMON_LANES_OF_FOUR_H
#define OTO_COMMON_LANES_OF_FOUR_H

#include "types.h"

#define OTO_LANE_WORDS 4
typedef uint32_t oto_lanes __attribute__((vector_size(4 * OTO_LANE_WORDS)));

#endif
