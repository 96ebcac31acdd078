/*
 * The boot state: what must not be lost when power is. An append-only log of complete records in
 * two sectors; the valid record with the highest sequence number counts. A sector is erased only
 * when the other one holds that record, so that at any moment of any operation one whole record can
 * be read.
 */
#ifndef OTO_STATE_H
#define OTO_STATE_H

#include "flash.h"
#include "refusal.h"

#include <stdbool.h>

#define OTO_STATE_RECORD_BYTES 32u

/* Which way a swap moves the images (swap.h). */
enum { OTO_SWAP_UP = 0, OTO_SWAP_DOWN = 1 };

typedef struct oto_state {
    uint32_t sequence;
    bool swapping;
    uint8_t kind;      /* OTO_SWAP_TEST, _PERMANENT or _REVERT (trailer.h) */
    uint8_t direction; /* of the swap under way, else of the last one */
    uint32_t sectors;  /* images' length in that swap */
    uint32_t step;     /* copies done; 2 * sectors means that only the trailers are left to write */
    uint32_t security_counter;
    uint32_t boots;
    oto_refusal refusal; /* of the image asked for last; 0 in records of older bootloaders */
} oto_state;

/* Reads the newest record; a flash without any is in its first state, all zeros. */
int32_t oto_state_load(const oto_flash *flash, uint32_t address, oto_state *state);
/* Appends a record; `state->sequence` grows by one. */
int32_t oto_state_save(const oto_flash *flash, uint32_t address, oto_state *state);

#endif
