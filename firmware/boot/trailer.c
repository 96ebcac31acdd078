#include "trailer.h"

#include <string.h>

#define MAGIC_BYTES 16u
#define FLAG_BYTES 8u
#define FROM_END_MAGIC 16u
#define FROM_END_IMAGE_OK 24u
#define FROM_END_COPY_DONE 32u
#define FROM_END_SWAP_INFO 40u

static const uint8_t magic[MAGIC_BYTES] = {0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f,
                                           0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80};

/*
 * A flag is 01 ff ff ff ff ff ff ff. All eight bytes must fit: what an interrupted erase leaves
 * behind is noise, and noise must not confirm an image.
 */
static int32_t read_flag(const oto_flash *flash, uint32_t address, bool *set) {
    uint8_t bytes[FLAG_BYTES];
    const int32_t error = flash->read(flash->context, address, bytes, sizeof bytes);
    *set = bytes[0] == 1;
    for (uint32_t i = 1; i < FLAG_BYTES; i++)
        *set = *set && bytes[i] == 0xff;
    return error;
}

static int32_t write_flag(const oto_flash *flash, uint32_t address, uint8_t value) {
    uint8_t bytes[FLAG_BYTES];
    memset(bytes, 0xff, sizeof bytes);
    bytes[0] = value;
    return flash->program(flash->context, address, bytes, sizeof bytes);
}

int32_t oto_trailer_read(const oto_flash *flash, uint32_t slot_end, oto_trailer *trailer) {
    uint8_t bytes[MAGIC_BYTES];
    int32_t error = flash->read(flash->context, slot_end - FROM_END_MAGIC, bytes, sizeof bytes);
    if (error == OTO_OK)
        error = read_flag(flash, slot_end - FROM_END_IMAGE_OK, &trailer->image_ok);
    if (error == OTO_OK)
        error = read_flag(flash, slot_end - FROM_END_COPY_DONE, &trailer->copy_done);
    trailer->magic = error == OTO_OK && memcmp(bytes, magic, sizeof bytes) == 0;
    return error;
}

int32_t oto_trailer_erase(const oto_flash *flash, uint32_t slot_end) {
    return flash->erase(flash->context, slot_end - flash->sector_bytes);
}

int32_t oto_trailer_write(const oto_flash *flash, uint32_t slot_end, const oto_trailer *trailer,
                          uint8_t swap_kind) {
    int32_t error = oto_trailer_erase(flash, slot_end);
    if (error == OTO_OK)
        error = write_flag(flash, slot_end - FROM_END_SWAP_INFO, swap_kind);
    if (error == OTO_OK && trailer->copy_done)
        error = write_flag(flash, slot_end - FROM_END_COPY_DONE, 1);
    if (error == OTO_OK && trailer->image_ok)
        error = write_flag(flash, slot_end - FROM_END_IMAGE_OK, 1);
    if (error == OTO_OK && trailer->magic)
        error = flash->program(flash->context, slot_end - FROM_END_MAGIC, magic, sizeof magic);
    return error;
}

int32_t oto_trailer_set_ok(const oto_flash *flash, uint32_t slot_end) {
    return write_flag(flash, slot_end - FROM_END_IMAGE_OK, 1);
}
