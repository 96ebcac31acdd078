#include "slots.h"
#include "trailer.h"

static uint32_t end_of(const oto_boot *boot, uint32_t number) {
    return (number == 0 ? boot->layout.slot0 : boot->layout.slot1) + boot->layout.slot_bytes;
}

/* The board's id and the counter are looked at last (image.c), so what fails there is otherwise
 * sound. */
static bool is_whole(int32_t status) {
    return status == OTO_OK || status == OTO_IMAGE_BOARD || status == OTO_IMAGE_COUNTER;
}

void oto_slots_look(const oto_boot *boot, uint32_t number, oto_slot *slot) {
    oto_trailer trailer = {0};
    *slot = (oto_slot){0};
    (void)oto_trailer_read(boot->flash, end_of(boot, number), &trailer);
    if (number == 0) {
        slot->status = oto_boot_check(boot, boot->layout.slot0, &slot->image);
        slot->whole = is_whole(slot->status);
        slot->confirmed = !trailer.magic || trailer.image_ok;
        return;
    }
    slot->status =
        oto_boot_check(boot, boot->layout.slot1 + boot->flash->sector_bytes, &slot->image);
    if (slot->status == OTO_IMAGE_MAGIC)
        slot->status = oto_boot_check(boot, boot->layout.slot1, &slot->image);
    slot->whole = is_whole(slot->status);
    slot->pending = trailer.magic;
    slot->permanent = trailer.magic && trailer.image_ok;
}

static bool on_trial(const oto_boot *boot) {
    oto_trailer trailer = {0};
    (void)oto_trailer_read(boot->flash, end_of(boot, 0), &trailer);
    return trailer.magic && trailer.copy_done && !trailer.image_ok;
}

int32_t oto_slots_erase(const oto_boot *boot) {
    if (on_trial(boot))
        return OTO_SLOTS_ON_TRIAL;
    int32_t error = oto_trailer_erase(boot->flash, end_of(boot, 1));
    if (error == OTO_OK)
        error = boot->flash->erase(boot->flash->context, boot->layout.slot1);
    if (error == OTO_OK)
        error = boot->flash->erase(boot->flash->context,
                                   boot->layout.slot1 + boot->flash->sector_bytes);
    return error;
}

int32_t oto_slots_begin_upload(const oto_boot *boot, uint32_t total, oto_upload *upload) {
    if (total > oto_boot_capacity(boot))
        return OTO_SLOTS_TOO_LARGE;
    const int32_t error = oto_slots_erase(boot);
    if (error == OTO_OK)
        oto_upload_begin(upload, boot->flash, boot->layout.slot1 + boot->flash->sector_bytes,
                         total);
    return error;
}

int32_t oto_slots_request(const oto_boot *boot, bool permanent) {
    oto_slot slot;
    oto_slots_look(boot, 1, &slot);
    if (on_trial(boot))
        return OTO_SLOTS_ON_TRIAL;
    if (slot.status != OTO_OK)
        return OTO_SLOTS_NO_IMAGE;
    if (slot.pending && (slot.permanent || !permanent))
        return OTO_OK;
    if (slot.pending)
        return oto_trailer_set_ok(boot->flash, end_of(boot, 1));
    const oto_trailer trailer = {.magic = true, .image_ok = permanent};
    return oto_trailer_write(boot->flash, end_of(boot, 1), &trailer,
                             permanent ? OTO_SWAP_PERMANENT : OTO_SWAP_TEST);
}

int32_t oto_slots_confirm(const oto_boot *boot) {
    oto_trailer trailer = {0};
    (void)oto_trailer_read(boot->flash, end_of(boot, 0), &trailer);
    return trailer.magic && !trailer.image_ok ? oto_trailer_set_ok(boot->flash, end_of(boot, 0))
                                              : OTO_OK;
}
