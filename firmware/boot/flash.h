/*
 * NOR flash behind callbacks, so that the same bootloader runs on a board and in the power-cut
 * simulator. Addresses count from the start of the flash. Erased bytes are 0xff; programming only
 * clears bits.
 */
#ifndef OTO_FLASH_H
#define OTO_FLASH_H

#include <stdint.h>

enum {
    OTO_OK = 0,
    OTO_FLASH_RANGE = -1,  /* outside the flash, or not aligned to sector or write unit */
    OTO_FLASH_MISUSE = -2, /* programming would have to set a bit */
    OTO_FLASH_VERIFY = -3, /* the bytes read back differ */
};

typedef struct oto_flash {
    /* Each returns OTO_OK or a negative error. */
    int32_t (*read)(void *context, uint32_t address, void *bytes, uint32_t length);
    /* `address` and `length` are multiples of write_bytes. */
    int32_t (*program)(void *context, uint32_t address, const void *bytes, uint32_t length);
    /* Erases the sector that begins at `address`. */
    int32_t (*erase)(void *context, uint32_t address);
    void *context;
    uint32_t sector_bytes;
    uint32_t write_bytes;
} oto_flash;

/* The board's flash; its driver lies in firmware/boards. */
extern const oto_flash oto_board_flash;

#endif
