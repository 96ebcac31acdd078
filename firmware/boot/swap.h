/*
 * Exchanging the images of the two slots, sector by sector, without a scratch area that would wear
 * out first.
 *
 * An upload lies one sector into slot 1. Swapping UP goes through the sectors from the first: slot
 * 0's sector moves to the gap in slot 1, then slot 1's next sector moves to slot 0 and leaves a new
 * gap. At the end the old image lies at the beginning of slot 1. Swapping DOWN is the mirror of
 * that, from the last sector, and ends with slot 0's image one sector into slot 1.
 *
 * Every copy leaves its source whole and is followed by one record of the boot state. A copy cut
 * short by a power failure is simply made again.
 */
#ifndef OTO_SWAP_H
#define OTO_SWAP_H

#include "flash.h"
#include "layout.h"
#include "state.h"

/* Carries on with the swap in `state` until the trailers are written and the state is idle again.
 */
int32_t oto_swap_resume(const oto_flash *flash, const oto_layout *layout, oto_state *state);

#endif
