/* What application and serial recovery both say of the board (protocol/VENDOR.md, info). */
#ifndef OTO_BOARD_INFO_H
#define OTO_BOARD_INFO_H

#include "smp.h"

#include <stdbool.h>
#include <stdint.h>

/* How it runs, and what its bootloader holds; the rest is of the board itself. */
typedef struct oto_board_info {
    const char *mode;
    const char *boot_version;
    uint32_t security_counter;
    const char *refused;
} oto_board_info;

/* Adds the fields that begin the reply to info. */
bool oto_smp_put_board(zcbor_state_t *reply, const oto_board_info *info);

#endif
