/* The decision of each start: which image runs, after which swap, or that none can. */
#ifndef OTO_BOOT_H
#define OTO_BOOT_H

#include "flash.h"
#include "image.h"
#include "layout.h"
#include "state.h"

#include <stdbool.h>

typedef struct oto_boot {
    const oto_flash *flash;
    oto_layout layout;
    oto_trust trust; /* least_counter is taken from the boot state */
    oto_state state; /* filled by oto_boot_decide */
} oto_boot;

/* Largest image a slot takes. */
uint32_t oto_boot_capacity(const oto_boot *boot);

/* Checks the image at `address` against boot->trust and the security counter of the boot state. */
int32_t oto_boot_check(const oto_boot *boot, uint32_t address, oto_image *image);

/*
 * Finishes what an earlier start began, answers a request in slot 1's trailer, takes back an image
 * that was not confirmed, then checks slot 0. Returns OTO_OK with the image to start in `image`, or
 * a negative error when nothing can be started and the board has to be recovered over its serial
 * line.
 */
int32_t oto_boot_decide(oto_boot *boot, oto_image *image);

#endif
