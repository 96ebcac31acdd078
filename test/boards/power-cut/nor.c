#include "nor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t sector;
static uint32_t unit;

static _Noreturn void misuse(const char *what, uint32_t address) {
    (void)fprintf(stderr, "flash misuse: %s at %u\n", what, address);
    exit(3);
}

void nor_arm(nor *flash, uint32_t cut_at, enum cut_mode mode, jmp_buf *lost) {
    flash->operations = 0;
    flash->cut_at = cut_at;
    flash->mode = mode;
    flash->lost = lost;
}

static uint32_t draw(nor *flash) {
    flash->random ^= flash->random << 13;
    flash->random ^= flash->random >> 17;
    flash->random ^= flash->random << 5;
    return flash->random;
}

/* True when power fails in this operation; `done` is then how many of its bytes still happen. */
static bool fails(nor *flash, uint32_t length, uint32_t *done) {
    flash->operations++;
    *done = length;
    if (flash->operations != flash->cut_at)
        return false;
    if (flash->mode == CUT_NOT_DONE)
        *done = 0;
    else if (flash->mode == CUT_FIRST)
        *done = 1 + draw(flash) % (length - 1);
    else if (flash->mode == CUT_ALL_BUT_1)
        *done = length - 1;
    else
        *done = 0;
    return true;
}

static int32_t nor_read(void *context, uint32_t address, void *bytes, uint32_t length) {
    const nor *flash = context;
    if (address > flash->size || length > flash->size - address)
        misuse("read", address);
    memcpy(bytes, flash->bytes + address, length);
    return OTO_OK;
}

static int32_t nor_program(void *context, uint32_t address, const void *bytes, uint32_t length) {
    nor *flash = context;
    const uint8_t *from = bytes;
    uint8_t *to = flash->bytes + address;
    if (address > flash->size || length > flash->size - address || length == 0 ||
        (address | length) % unit != 0)
        misuse("program", address);
    for (uint32_t i = 0; i < length; i++)
        if ((from[i] & ~to[i]) != 0)
            misuse("programming a 1 over a 0", address + i);
    uint32_t done;
    const bool lost = fails(flash, length, &done);
    memcpy(to, from, done);
    if (!lost)
        return OTO_OK;
    for (uint32_t i = 0; flash->mode == CUT_NOISE && i < length; i++)
        to[i] &= (uint8_t)(from[i] | draw(flash));
    longjmp(*flash->lost, 1);
}

static int32_t nor_erase(void *context, uint32_t address) {
    nor *flash = context;
    uint8_t *to = flash->bytes + address;
    if (address % sector != 0 || address >= flash->size)
        misuse("erase", address);
    uint32_t done;
    const bool lost = fails(flash, sector, &done);
    memset(to, 0xff, done);
    if (!lost)
        return OTO_OK;
    if (flash->mode == CUT_NOISE) {
        const uint32_t noisy_half = draw(flash) & 1u;
        for (uint32_t i = 0; i < sector; i++)
            to[i] = i / (sector / 2) == noisy_half ? (uint8_t)(draw(flash) >> 8) : 0xff;
    }
    longjmp(*flash->lost, 1);
}

oto_flash nor_interface(nor *flash, uint32_t sector_bytes, uint32_t write_bytes) {
    sector = sector_bytes;
    unit = write_bytes;
    return (oto_flash){.read = nor_read,
                       .program = nor_program,
                       .erase = nor_erase,
                       .context = flash,
                       .sector_bytes = sector_bytes,
                       .write_bytes = write_bytes};
}
