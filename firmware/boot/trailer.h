/* The last sector of a slot says what is wanted of its image, in MCUboot's words. */
#ifndef OTO_TRAILER_H
#define OTO_TRAILER_H

#include "flash.h"

#include <stdbool.h>

typedef struct oto_trailer {
    bool magic;     /* the trailer counts */
    bool image_ok;  /* slot 0: confirmed. Slot 1: wanted for good, without a test */
    bool copy_done; /* slot 0: a swap brought the image here */
} oto_trailer;

/* MCUboot's numbers of what a swap was for, kept in the trailer's swap_info. */
enum {
    OTO_SWAP_TEST = 2,
    OTO_SWAP_PERMANENT = 3,
    OTO_SWAP_REVERT = 4,
};

/* `slot_end` is the address behind the slot. */
int32_t oto_trailer_read(const oto_flash *flash, uint32_t slot_end, oto_trailer *trailer);
/* Erases the sector and writes what is true in `trailer`, the magic last. */
int32_t oto_trailer_write(const oto_flash *flash, uint32_t slot_end, const oto_trailer *trailer,
                          uint8_t swap_kind);
int32_t oto_trailer_erase(const oto_flash *flash, uint32_t slot_end);
/* Sets image_ok in a trailer that has its magic. */
int32_t oto_trailer_set_ok(const oto_flash *flash, uint32_t slot_end);

#endif
