/*
 * NOR flash played on ordinary memory, for emulated boards whose memory is a file. It is as strict
 * as the real thing, so that a program that works here does not damage one: writing a 1 over a 0,
 * an address off the write unit or a sector half erased are bugs of the caller, and fault.
 */
#include "flash.h"
#include "board.h"

#include <string.h>

#define FLASH ((volatile uint8_t *)(uintptr_t)OTO_FLASH_ORIGIN)

#define OTO_SERIAL_BYTES 8u

static bool inside(uint32_t address, uint32_t length) {
    return address <= OTO_FLASH_BYTES && length <= OTO_FLASH_BYTES - address;
}

static int32_t flash_read(void *context, uint32_t address, void *bytes, uint32_t length) {
    (void)context;
    if (!inside(address, length))
        return OTO_FLASH_RANGE;
    memcpy(bytes, (const void *)(uintptr_t)(OTO_FLASH_ORIGIN + address), length);
    return OTO_OK;
}

static int32_t flash_program(void *context, uint32_t address, const void *bytes, uint32_t length) {
    (void)context;
    const uint8_t *from = bytes;
    if (!inside(address, length) || (address | length) % OTO_FLASH_WRITE_BYTES != 0)
        oto_board_reset(OTO_RESET_FAULT);
    for (uint32_t i = 0; i < length; i++)
        if ((from[i] & ~FLASH[address + i]) != 0)
            oto_board_reset(OTO_RESET_FAULT);
    for (uint32_t i = 0; i < length; i++)
        FLASH[address + i] &= from[i];
    return OTO_OK;
}

static int32_t flash_erase(void *context, uint32_t address) {
    (void)context;
    if (!inside(address, OTO_FLASH_SECTOR_BYTES) || address % OTO_FLASH_SECTOR_BYTES != 0)
        oto_board_reset(OTO_RESET_FAULT);
    memset((void *)(uintptr_t)(OTO_FLASH_ORIGIN + address), 0xff, OTO_FLASH_SECTOR_BYTES);
    return OTO_OK;
}

/* The emulator's owner leaves it behind the flash, and zeros where there is none. */
const char *oto_board_serial(void) {
    static const char digits[] = "0123456789abcdef";
    static char text[2 * OTO_SERIAL_BYTES + 1];
    const volatile uint8_t *serial = FLASH + OTO_FLASH_BYTES;
    uint8_t any = 0;
    for (uint32_t i = 0; i < OTO_SERIAL_BYTES; i++) {
        any |= serial[i];
        text[2 * i] = digits[serial[i] >> 4];
        text[2 * i + 1] = digits[serial[i] & 15u];
    }
    return any == 0 ? "" : text;
}

const oto_flash oto_board_flash = {
    .read = flash_read,
    .program = flash_program,
    .erase = flash_erase,
    .sector_bytes = OTO_FLASH_SECTOR_BYTES,
    .write_bytes = OTO_FLASH_WRITE_BYTES,
};
