/* NOR flash in memory that loses power at a chosen operation, in a chosen way. */
#ifndef OTO_TEST_NOR_H
#define OTO_TEST_NOR_H

#include "flash.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

enum cut_mode {
    CUT_NOT_DONE,  /* the operation leaves no trace */
    CUT_FIRST,     /* only its first bytes, a random number of them */
    CUT_ALL_BUT_1, /* all but its last byte */
    CUT_NOISE, /* an erase leaves half the sector random, programming clears a random part of the
                  bits */
    CUT_MODES,
};

typedef struct nor {
    uint8_t *bytes;
    uint32_t size;
    uint32_t operations; /* done since nor_arm */
    uint32_t cut_at;     /* operation at which power fails; 0 for never */
    enum cut_mode mode;
    uint32_t random; /* state of the generator; the same seed gives the same noise */
    jmp_buf *lost;   /* where a power failure goes */
} nor;

/* Counts operations from 1 again and fails at `cut_at`. */
void nor_arm(nor *flash, uint32_t cut_at, enum cut_mode mode, jmp_buf *lost);

oto_flash nor_interface(nor *flash, uint32_t sector_bytes, uint32_t write_bytes);

#endif
