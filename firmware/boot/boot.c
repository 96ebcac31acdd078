#include "boot.h"
#include "swap.h"
#include "trailer.h"

/* Each start tries at most: finish a swap, answer a request, revert, fall back. */
#define MOST_SWAPS 4u

uint32_t oto_boot_capacity(const oto_boot *boot) {
    return boot->layout.slot_bytes - 2 * boot->flash->sector_bytes;
}

static uint32_t slot0_end(const oto_boot *boot) {
    return boot->layout.slot0 + boot->layout.slot_bytes;
}

static uint32_t slot1_end(const oto_boot *boot) {
    return boot->layout.slot1 + boot->layout.slot_bytes;
}

int32_t oto_boot_check(const oto_boot *boot, uint32_t address, oto_image *image) {
    oto_trust trust = boot->trust;
    trust.least_counter = boot->state.security_counter;
    return oto_image_check(boot->flash, address, oto_boot_capacity(boot), &trust, image);
}

static uint32_t sectors_of(const oto_boot *boot, uint32_t bytes) {
    return (bytes + boot->flash->sector_bytes - 1) / boot->flash->sector_bytes;
}

/* Where in slot 1 the image lies that a swap in `direction` would bring to slot 0. */
static uint32_t source_of(const oto_boot *boot, uint8_t direction) {
    return boot->layout.slot1 + (direction == OTO_SWAP_UP ? boot->flash->sector_bytes : 0);
}

static int32_t begin_swap(oto_boot *boot, uint8_t kind, uint8_t direction,
                          uint32_t incoming_bytes) {
    const uint32_t outgoing_bytes =
        oto_image_bytes(boot->flash, boot->layout.slot0, oto_boot_capacity(boot));
    const uint32_t bytes = incoming_bytes > outgoing_bytes ? incoming_bytes : outgoing_bytes;
    boot->state.swapping = true;
    boot->state.kind = kind;
    boot->state.direction = direction;
    boot->state.sectors = sectors_of(boot, bytes);
    boot->state.step = 0;
    boot->state.refusal = kind == OTO_SWAP_REVERT ? OTO_REFUSAL_REVERTED : OTO_REFUSAL_NONE;
    return oto_state_save(boot->flash, boot->layout.state, &boot->state);
}

/*
 * Begins a swap if a trustworthy image lies where `direction` takes it from; returns OTO_OK, or
 * what is wrong with it. `error` is the begun swap's.
 */
static int32_t begin_if_sound(oto_boot *boot, uint8_t kind, uint8_t direction, int32_t *error) {
    oto_image incoming;
    const int32_t fault = oto_boot_check(boot, source_of(boot, direction), &incoming);
    if (fault == OTO_OK)
        *error = begin_swap(boot, kind, direction, incoming.bytes);
    return fault;
}

/* An upload lies in one place of slot 1, an image that was swapped out in another. */
static int32_t begin_asked(oto_boot *boot, uint8_t kind, int32_t *error) {
    const int32_t fault = begin_if_sound(boot, kind, OTO_SWAP_UP, error);
    if (fault == OTO_OK)
        return OTO_OK;
    const int32_t other = begin_if_sound(boot, kind, OTO_SWAP_DOWN, error);
    return other == OTO_OK || fault == OTO_IMAGE_MAGIC ? other : fault;
}

/*
 * Decides whether the images must be exchanged, and begins to. Returns false when slot 0 stays as
 * it is. An image that arrived for a test and was not confirmed goes back; unless what it replaced
 * has been lost, in which case the better of two bad images is the one that is whole.
 */
static bool wants_swap(oto_boot *boot, int32_t *error) {
    oto_trailer ours = {0};
    oto_trailer theirs = {0};
    *error = oto_trailer_read(boot->flash, slot0_end(boot), &ours);
    if (*error == OTO_OK)
        *error = oto_trailer_read(boot->flash, slot1_end(boot), &theirs);
    if (*error < 0)
        return false;
    if (ours.magic && ours.copy_done && !ours.image_ok) {
        const uint8_t back = boot->state.direction == OTO_SWAP_UP ? OTO_SWAP_DOWN : OTO_SWAP_UP;
        return begin_if_sound(boot, OTO_SWAP_REVERT, back, error) == OTO_OK;
    }
    if (!theirs.magic)
        return false;
    const uint8_t kind = theirs.image_ok ? OTO_SWAP_PERMANENT : OTO_SWAP_TEST;
    const int32_t fault = begin_asked(boot, kind, error);
    if (fault == OTO_OK)
        return true;
    boot->state.refusal = oto_refusal_of(fault);
    *error = oto_trailer_erase(boot->flash, slot1_end(boot));
    return false;
}

/* True when slot 0's image needs no further proof: it never was on trial, or it has been confirmed.
 */
static bool is_confirmed(const oto_boot *boot) {
    oto_trailer trailer = {0};
    return oto_trailer_read(boot->flash, slot0_end(boot), &trailer) == OTO_OK &&
           (!trailer.magic || trailer.image_ok);
}

/* Counts the start and, for a confirmed image, closes the door behind older ones. */
static int32_t record_start(oto_boot *boot, const oto_image *image) {
    boot->state.boots++;
    if (is_confirmed(boot) && image->security_counter > boot->state.security_counter)
        boot->state.security_counter = image->security_counter;
    return oto_state_save(boot->flash, boot->layout.state, &boot->state);
}

int32_t oto_boot_decide(oto_boot *boot, oto_image *image) {
    int32_t error = oto_state_load(boot->flash, boot->layout.state, &boot->state);
    if (error < 0)
        return error;
    for (uint32_t i = 0; i < MOST_SWAPS; i++) {
        if (boot->state.swapping || wants_swap(boot, &error)) {
            if (error == OTO_OK)
                error = oto_swap_resume(boot->flash, &boot->layout, &boot->state);
            if (error < 0)
                return error;
        }
        error = oto_boot_check(boot, boot->layout.slot0, image);
        if (error == OTO_OK)
            return record_start(boot, image);
        /* What an earlier swap put aside is better than nothing. */
        int32_t begun = OTO_OK;
        oto_trailer trailer = {0};
        (void)oto_trailer_read(boot->flash, slot0_end(boot), &trailer);
        const bool on_trial = trailer.magic && trailer.copy_done && !trailer.image_ok;
        if (!on_trial && begin_if_sound(boot, OTO_SWAP_REVERT, OTO_SWAP_DOWN, &begun) != OTO_OK)
            return error;
        if (begun < 0)
            return begun;
    }
    return error;
}
