#include "swap.h"
#include "trailer.h"

#include <string.h>

#define CHUNK 256u
#define COPY_TRIES 3u

typedef struct copy {
    uint32_t from;
    uint32_t to;
} copy;

static copy copy_of_step(const oto_flash *flash, const oto_layout *layout, const oto_state *state) {
    const uint32_t sector = flash->sector_bytes;
    const uint32_t done = state->step / 2;
    const bool to_slot1 = state->step % 2 == 0;
    const bool up = state->direction == OTO_SWAP_UP;
    const uint32_t index = up ? done : state->sectors - 1 - done;
    const uint32_t in_slot0 = layout->slot0 + index * sector;
    const uint32_t at_start = layout->slot1 + index * sector;
    const uint32_t one_in = at_start + sector;
    if (to_slot1)
        return (copy){.from = in_slot0, .to = up ? at_start : one_in};
    return (copy){.from = up ? one_in : at_start, .to = in_slot0};
}

static bool is_blank(const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++)
        if (bytes[i] != 0xff)
            return false;
    return true;
}

static int32_t copy_chunk(const oto_flash *flash, copy what, uint32_t length) {
    uint8_t bytes[CHUNK];
    uint8_t back[CHUNK];
    int32_t error = flash->read(flash->context, what.from, bytes, length);
    if (error < 0 || is_blank(bytes, length))
        return error;
    error = flash->program(flash->context, what.to, bytes, length);
    if (error == OTO_OK)
        error = flash->read(flash->context, what.to, back, length);
    if (error == OTO_OK && memcmp(bytes, back, length) != 0)
        error = OTO_FLASH_VERIFY;
    return error;
}

static int32_t copy_sector(const oto_flash *flash, copy what) {
    int32_t error = flash->erase(flash->context, what.to);
    for (uint32_t at = 0; error == OTO_OK && at < flash->sector_bytes; at += CHUNK) {
        const uint32_t left = flash->sector_bytes - at;
        error =
            copy_chunk(flash, (copy){what.from + at, what.to + at}, left < CHUNK ? left : CHUNK);
    }
    return error;
}

/* A sector that does not take its bytes after some tries is left as it is: the check of the image
 * decides. */
static void copy_with_tries(const oto_flash *flash, copy what) {
    for (uint32_t i = 0; i < COPY_TRIES; i++)
        if (copy_sector(flash, what) == OTO_OK)
            return;
}

/* Slot 0's trailer records how its image came; slot 1's request is done. */
static int32_t write_trailers(const oto_flash *flash, const oto_layout *layout, uint8_t kind) {
    const oto_trailer trailer = {
        .magic = true, .copy_done = true, .image_ok = kind != OTO_SWAP_TEST};
    int32_t error = oto_trailer_write(flash, layout->slot0 + layout->slot_bytes, &trailer, kind);
    if (error == OTO_OK)
        error = oto_trailer_erase(flash, layout->slot1 + layout->slot_bytes);
    return error;
}

int32_t oto_swap_resume(const oto_flash *flash, const oto_layout *layout, oto_state *state) {
    while (state->step < 2 * state->sectors) {
        copy_with_tries(flash, copy_of_step(flash, layout, state));
        state->step++;
        const int32_t error = oto_state_save(flash, layout->state, state);
        if (error < 0)
            return error;
    }
    const int32_t error = write_trailers(flash, layout, state->kind);
    if (error < 0)
        return error;
    state->swapping = false;
    return oto_state_save(flash, layout->state, state);
}
