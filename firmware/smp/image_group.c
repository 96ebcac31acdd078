#include "image_group.h"
#include "cbor.h"
#include "image_errors.h"
#include "image_upload.h"

#include <string.h>

enum { STATE = 0, UPLOAD = 1, ERASE = 5, SLOT_INFO = 6 };

static char *put_number(char *text, uint32_t value) {
    char digits[10];
    uint32_t count = 0;
    do {
        digits[count++] = (char)('0' + (char)(value % 10u));
        value /= 10u;
    } while (value != 0);
    while (count > 0)
        *text++ = digits[--count];
    return text;
}

void oto_version_text(oto_version version, char *text) {
    text = put_number(text, version.major);
    *text++ = '.';
    text = put_number(text, version.minor);
    *text++ = '.';
    text = put_number(text, version.revision);
    if (version.build != 0) {
        *text++ = '.';
        text = put_number(text, version.build);
    }
    *text = '\0';
}

static bool put_image(zcbor_state_t *reply, uint32_t number, const oto_slot *slot) {
    char version[24];
    oto_version_text(slot->image.version, version);
    const bool active = number == 0;
    return zcbor_map_start_encode(reply, 9) && oto_smp_put_uint(reply, "slot", number) &&
           oto_smp_put_text(reply, "version", version) &&
           oto_smp_put_bytes(reply, "hash", slot->image.hash, OTO_HASH_BYTES) &&
           oto_smp_put_bool(reply, "bootable", slot->status == OTO_OK) &&
           oto_smp_put_bool(reply, "pending", slot->pending) &&
           oto_smp_put_bool(reply, "confirmed", active && slot->confirmed) &&
           oto_smp_put_bool(reply, "active", active) &&
           oto_smp_put_bool(reply, "permanent", slot->permanent) && zcbor_map_end_encode(reply, 9);
}

static int32_t read_state(const oto_images *images, zcbor_state_t *reply) {
    bool fits = oto_smp_put_key(reply, "images") && zcbor_list_start_encode(reply, 2);
    for (uint32_t number = 0; number < 2; number++) {
        oto_slot slot;
        oto_slots_look(images->boot, number, &slot);
        if (slot.whole)
            fits = fits && put_image(reply, number, &slot);
    }
    return oto_smp_fits(fits && zcbor_list_end_encode(reply, 2) &&
                        oto_smp_put_uint(reply, "splitStatus", 0));
}

static int32_t request_slot1(const oto_images *images, bool permanent) {
    switch (oto_slots_request(images->boot, permanent)) {
    case OTO_OK:
        return OTO_SMP_OK;
    case OTO_SLOTS_ON_TRIAL:
        return permanent ? OTO_IMAGE_ERROR_CONFIRM_DENIED : OTO_IMAGE_ERROR_NO_FREE_SLOT;
    case OTO_SLOTS_NO_IMAGE:
        return OTO_IMAGE_ERROR_HASH_NOT_FOUND;
    default:
        return OTO_IMAGE_ERROR_FLASH_WRITE_FAILED;
    }
}

static int32_t write_state(oto_images *images, const oto_smp_request *request,
                           zcbor_state_t *reply) {
    struct zcbor_string hash = {0};
    bool confirm = false;
    bool has_hash = false;
    const oto_field fields[] = {{"hash", OTO_FIELD_BYTES, &hash, &has_hash},
                                {"confirm", OTO_FIELD_BOOL, &confirm, NULL}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 2) || (!has_hash && !confirm))
        return OTO_SMP_INVALID;
    oto_slot running, other;
    oto_slots_look(images->boot, 0, &running);
    oto_slots_look(images->boot, 1, &other);
    const bool sized = has_hash && hash.len == OTO_HASH_BYTES;
    int32_t error = OTO_IMAGE_ERROR_HASH_NOT_FOUND;
    if (!has_hash || (sized && running.status == OTO_OK &&
                      memcmp(hash.value, running.image.hash, hash.len) == 0)) {
        if (confirm || images->recovery)
            error = oto_slots_confirm(images->boot) == OTO_OK ? OTO_SMP_OK
                                                              : OTO_IMAGE_ERROR_FLASH_WRITE_FAILED;
        else
            error = OTO_IMAGE_ERROR_TEST_OF_ACTIVE;
    } else if (sized && other.status == OTO_OK &&
               memcmp(hash.value, other.image.hash, hash.len) == 0) {
        error = request_slot1(images, confirm);
    }
    /* The standard has one code for an image that is not there and for all that is wrong with one.
     */
    if (error == OTO_IMAGE_ERROR_HASH_NOT_FOUND && other.status != OTO_IMAGE_MAGIC)
        images->refusal = oto_refusal_of(other.status);
    return error == OTO_SMP_OK ? read_state(images, reply) : error;
}

static int32_t erase(oto_images *images, const oto_smp_request *request) {
    uint32_t slot = 1;
    const oto_field fields[] = {{"slot", OTO_FIELD_UINT, &slot, NULL}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 1))
        return OTO_SMP_INVALID;
    if (slot > 1)
        return OTO_IMAGE_ERROR_INVALID_SLOT;
    /* In serial recovery slot 0 waits for an upload, which erases as it goes. */
    if (slot == 0)
        return OTO_IMAGE_ERROR_NO_FREE_SLOT;
    images->upload.total = 0;
    switch (oto_slots_erase(images->boot)) {
    case OTO_OK:
        return OTO_SMP_OK;
    case OTO_SLOTS_ON_TRIAL:
        return OTO_IMAGE_ERROR_NO_FREE_SLOT;
    default:
        return OTO_IMAGE_ERROR_FLASH_WRITE_FAILED;
    }
}

static bool put_slot(const oto_images *images, zcbor_state_t *reply, uint32_t number,
                     bool takes_uploads) {
    bool fits = zcbor_map_start_encode(reply, 3) && oto_smp_put_uint(reply, "slot", number) &&
                oto_smp_put_uint(reply, "size", images->boot->layout.slot_bytes);
    if (takes_uploads)
        fits = fits && oto_smp_put_uint(reply, "upload_image_id", 0);
    return fits && zcbor_map_end_encode(reply, 3);
}

static int32_t slot_info(const oto_images *images, zcbor_state_t *reply) {
    return oto_smp_fits(
        oto_smp_put_key(reply, "images") && zcbor_list_start_encode(reply, 1) &&
        zcbor_map_start_encode(reply, 3) && oto_smp_put_uint(reply, "image", 0) &&
        oto_smp_put_key(reply, "slots") && zcbor_list_start_encode(reply, 2) &&
        put_slot(images, reply, 0, images->recovery) &&
        put_slot(images, reply, 1, !images->recovery) && zcbor_list_end_encode(reply, 2) &&
        oto_smp_put_uint(reply, "max_image_size", oto_boot_capacity(images->boot)) &&
        zcbor_map_end_encode(reply, 3) && zcbor_list_end_encode(reply, 1));
}

int32_t oto_image_handle(void *context, const oto_smp_request *request, zcbor_state_t *reply) {
    oto_images *images = context;
    const bool writes = request->op == OTO_SMP_WRITE;
    switch (request->command) {
    case STATE:
        return writes ? write_state(images, request, reply) : read_state(images, reply);
    case UPLOAD:
        return writes ? oto_image_upload(images, request, reply) : OTO_SMP_NOT_SUPPORTED;
    case ERASE:
        return writes ? erase(images, request) : OTO_SMP_NOT_SUPPORTED;
    case SLOT_INFO:
        return writes ? OTO_SMP_NOT_SUPPORTED : slot_info(images, reply);
    default:
        return OTO_SMP_NOT_SUPPORTED;
    }
}
