/* Words of signs that straight-line code handles at once: one. */
#ifndef OTO_COMMON_LANES_OF_ONE_H
#define OTO_COMMON_LANES_OF_ONE_H

#include "types.h"

#define OTO_LANE_WORDS 1
typedef uint32_t oto_lanes;

#endif
