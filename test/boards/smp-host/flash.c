#include "board.h"
#include "smp-host.h"

#include <string.h>

static uint8_t memory[OTO_FLASH_BYTES];
static _Alignas(16) uint8_t arena[4096];

static void check(bool right) {
    if (!right)
        oto_board_reset(OTO_RESET_FAULT);
}

static int32_t flash_read(void *context, uint32_t address, void *bytes, uint32_t length) {
    (void)context;
    check(address <= sizeof memory && length <= sizeof memory - address);
    memcpy(bytes, memory + address, length);
    return OTO_OK;
}

static int32_t flash_program(void *context, uint32_t address, const void *bytes, uint32_t length) {
    (void)context;
    const uint8_t *from = bytes;
    check(address <= sizeof memory && length <= sizeof memory - address);
    check((address | length) % OTO_FLASH_WRITE_BYTES == 0);
    for (uint32_t i = 0; i < length; i++) {
        check((from[i] & ~memory[address + i]) == 0);
        memory[address + i] &= from[i];
    }
    return OTO_OK;
}

static int32_t flash_erase(void *context, uint32_t address) {
    (void)context;
    check(address < sizeof memory && address % OTO_FLASH_SECTOR_BYTES == 0);
    memset(memory + address, 0xff, OTO_FLASH_SECTOR_BYTES);
    return OTO_OK;
}

static const oto_flash flash = {.read = flash_read,
                                .program = flash_program,
                                .erase = flash_erase,
                                .sector_bytes = OTO_FLASH_SECTOR_BYTES,
                                .write_bytes = OTO_FLASH_WRITE_BYTES};

void host_begin(oto_app *app, const uint8_t *image, uint32_t length) {
    check(length <= OTO_SLOT_BYTES);
    memset(memory, 0xff, sizeof memory);
    memcpy(memory + OTO_SLOT0, image, length);
    oto_app_begin(app, &flash, &oto_model_instance, arena, sizeof arena);
}
