#include "upload.h"

#include <string.h>

void oto_upload_begin(oto_upload *upload, const oto_flash *flash, uint32_t address,
                      uint32_t total) {
    memset(upload, 0, sizeof *upload);
    upload->flash = flash;
    upload->address = address;
    upload->total = total;
}

static int32_t erase_up_to(oto_upload *upload, uint32_t end) {
    while (upload->erased < end) {
        const int32_t error =
            upload->flash->erase(upload->flash->context, upload->address + upload->erased);
        if (error < 0)
            return error;
        upload->erased += upload->flash->sector_bytes;
    }
    return OTO_OK;
}

static int32_t program(oto_upload *upload, uint32_t at, const uint8_t *bytes, uint32_t length) {
    const int32_t error = erase_up_to(upload, at + length);
    if (error < 0)
        return error;
    return upload->flash->program(upload->flash->context, upload->address + at, bytes, length);
}

/* Writes the held bytes, filled up with erased ones. */
static int32_t flush(oto_upload *upload) {
    const uint32_t unit = upload->flash->write_bytes;
    if (upload->held == 0)
        return OTO_OK;
    memset(upload->unit + upload->held, 0xff, unit - upload->held);
    const int32_t error = program(upload, upload->offset - upload->held, upload->unit, unit);
    upload->held = 0;
    return error;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

int32_t oto_upload_add(oto_upload *upload, const uint8_t *bytes, uint32_t length) {
    const uint32_t unit = upload->flash->write_bytes;
    int32_t error = OTO_OK;
    if (length > upload->total - upload->offset)
        return OTO_FLASH_RANGE;
    if (upload->held > 0) {
        const uint32_t part = least(unit - upload->held, length);
        memcpy(upload->unit + upload->held, bytes, part);
        upload->held += part;
        upload->offset += part;
        bytes += part;
        length -= part;
        if (upload->held == unit)
            error = flush(upload);
    }
    const uint32_t whole = length - length % unit;
    if (error == OTO_OK && whole > 0) {
        error = program(upload, upload->offset, bytes, whole);
        upload->offset += whole;
    }
    if (length > whole) {
        memcpy(upload->unit, bytes + whole, length - whole);
        upload->held = length - whole;
        upload->offset += upload->held;
    }
    if (error == OTO_OK && upload->offset == upload->total)
        error = flush(upload);
    return error;
}
