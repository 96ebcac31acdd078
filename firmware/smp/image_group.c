#include "image_group.h"
#include "cbor.h"
#include "trailer.h"

#include <string.h>

enum { STATE = 0, UPLOAD = 1, ERASE = 5, SLOT_INFO = 6 };

/* MCUmgr's error codes of this group, with the plain code that a version 1 client is told instead.
 */
#define FLASH_WRITE_FAILED OTO_SMP_GROUP_ERROR(OTO_SMP_UNKNOWN, 12)
#define NO_FREE_SLOT OTO_SMP_GROUP_ERROR(OTO_SMP_BAD_STATE, 9)
#define HASH_NOT_FOUND OTO_SMP_GROUP_ERROR(OTO_SMP_NO_ENTRY, 8)
#define INVALID_SLOT OTO_SMP_GROUP_ERROR(OTO_SMP_INVALID, 14)
#define NO_LENGTH OTO_SMP_GROUP_ERROR(OTO_SMP_INVALID, 21)
#define BAD_MAGIC OTO_SMP_GROUP_ERROR(OTO_SMP_INVALID, 23)
#define BAD_HASH OTO_SMP_GROUP_ERROR(OTO_SMP_INVALID, 24)
#define NOT_NEWER OTO_SMP_GROUP_ERROR(OTO_SMP_BAD_STATE, 27)
#define TOO_LARGE OTO_SMP_GROUP_ERROR(OTO_SMP_INVALID, 30)
#define OVERRUN OTO_SMP_GROUP_ERROR(OTO_SMP_INVALID, 31)
#define CONFIRM_DENIED OTO_SMP_GROUP_ERROR(OTO_SMP_BAD_STATE, 32)
#define TEST_OF_ACTIVE OTO_SMP_GROUP_ERROR(OTO_SMP_BAD_STATE, 33)

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

static int32_t answer(bool fits) {
    return fits ? OTO_SMP_OK : OTO_SMP_TOO_LARGE;
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
    return answer(fits && zcbor_list_end_encode(reply, 2) &&
                  oto_smp_put_uint(reply, "splitStatus", 0));
}

static int32_t request_slot1(const oto_images *images, bool permanent) {
    switch (oto_slots_request(images->boot, permanent)) {
    case OTO_OK:
        return OTO_SMP_OK;
    case OTO_SLOTS_ON_TRIAL:
        return permanent ? CONFIRM_DENIED : NO_FREE_SLOT;
    case OTO_SLOTS_NO_IMAGE:
        return HASH_NOT_FOUND;
    default:
        return FLASH_WRITE_FAILED;
    }
}

static int32_t write_state(const oto_images *images, const oto_smp_request *request,
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
    int32_t error = HASH_NOT_FOUND;
    if (!has_hash || (sized && running.status == OTO_OK &&
                      memcmp(hash.value, running.image.hash, hash.len) == 0)) {
        if (confirm || images->recovery)
            error = oto_slots_confirm(images->boot) == OTO_OK ? OTO_SMP_OK : FLASH_WRITE_FAILED;
        else
            error = TEST_OF_ACTIVE;
    } else if (sized && other.status == OTO_OK &&
               memcmp(hash.value, other.image.hash, hash.len) == 0) {
        error = request_slot1(images, confirm);
    }
    return error == OTO_SMP_OK ? read_state(images, reply) : error;
}

/* The parameters of one upload request. */
typedef struct portion {
    uint32_t offset, length;
    struct zcbor_string data, hash;
    bool upgrade;
    bool has_offset, has_length, has_hash, has_data;
} portion;

static bool read_portion(const oto_smp_request *request, portion *in) {
    const oto_field fields[] = {{"off", OTO_FIELD_UINT, &in->offset, &in->has_offset},
                                {"len", OTO_FIELD_UINT, &in->length, &in->has_length},
                                {"data", OTO_FIELD_BYTES, &in->data, &in->has_data},
                                {"sha", OTO_FIELD_BYTES, &in->hash, &in->has_hash},
                                {"upgrade", OTO_FIELD_BOOL, &in->upgrade, NULL}};
    return oto_cbor_read(request->body, request->body_length, fields, 5) && in->has_offset &&
           in->has_data;
}

/* A beginning that names the upload under way, by hash and length, continues it. */
static bool is_same(const oto_images *images, const portion *in) {
    return images->upload.total != 0 && images->upload.total == in->length && images->has_hash &&
           in->has_hash && in->hash.len == OTO_HASH_BYTES &&
           memcmp(images->hash, in->hash.value, OTO_HASH_BYTES) == 0;
}

static uint64_t rank(const uint8_t *header) {
    return (uint64_t)header[20] << 56 | (uint64_t)header[21] << 48 | (uint64_t)header[23] << 40 |
           (uint64_t)header[22] << 32 | (uint64_t)header[27] << 24 | (uint64_t)header[26] << 16 |
           (uint64_t)header[25] << 8 | header[24];
}

static bool is_newer(const oto_images *images, const portion *in) {
    uint8_t running[28];
    return in->data.len >= sizeof running &&
           (images->boot->flash->read(images->boot->flash->context, images->boot->layout.slot0,
                                      running, sizeof running) < 0 ||
            rank(in->data.value) > rank(running));
}

static int32_t begin_in_slot0(oto_images *images, uint32_t length) {
    const oto_boot *boot = images->boot;
    if (length > oto_boot_capacity(boot))
        return OTO_SLOTS_TOO_LARGE;
    const int32_t error =
        oto_trailer_erase(boot->flash, boot->layout.slot0 + boot->layout.slot_bytes);
    if (error == OTO_OK)
        oto_upload_begin(&images->upload, boot->flash, boot->layout.slot0, length);
    return error;
}

static int32_t begin_upload(oto_images *images, const portion *in) {
    static const uint8_t magic[4] = {0x3d, 0xb8, 0xf3, 0x96};
    if (!in->has_length || in->length == 0)
        return NO_LENGTH;
    if (in->data.len >= sizeof magic && memcmp(in->data.value, magic, sizeof magic) != 0)
        return BAD_MAGIC;
    if (in->has_hash && in->hash.len != OTO_HASH_BYTES)
        return BAD_HASH;
    if (in->upgrade && !is_newer(images, in))
        return NOT_NEWER;
    images->upload.total = 0;
    const int32_t error = images->recovery
                              ? begin_in_slot0(images, in->length)
                              : oto_slots_begin_upload(images->boot, in->length, &images->upload);
    if (error == OTO_SLOTS_TOO_LARGE)
        return TOO_LARGE;
    if (error == OTO_SLOTS_ON_TRIAL)
        return NO_FREE_SLOT;
    images->has_hash = in->has_hash;
    if (in->has_hash)
        memcpy(images->hash, in->hash.value, OTO_HASH_BYTES);
    return error == OTO_OK ? OTO_SMP_OK : FLASH_WRITE_FAILED;
}

/* Whether what lies in flash now is what the client said it would send. */
static bool matches(const oto_images *images) {
    const oto_upload *upload = &images->upload;
    uint8_t bytes[256];
    uint8_t digest[OTO_HASH_BYTES];
    oto_sha256 hash;
    oto_sha256_begin(&hash);
    for (uint32_t at = 0; at < upload->total; at += sizeof bytes) {
        const uint32_t left = upload->total - at;
        const uint32_t part = left < sizeof bytes ? left : (uint32_t)sizeof bytes;
        if (upload->flash->read(upload->flash->context, upload->address + at, bytes, part) < 0)
            return false;
        oto_sha256_add(&hash, bytes, part);
    }
    oto_sha256_end(&hash, digest);
    return memcmp(digest, images->hash, OTO_HASH_BYTES) == 0;
}

static int32_t answer_offset(const oto_images *images, zcbor_state_t *reply) {
    const oto_upload *upload = &images->upload;
    bool fits = oto_smp_put_uint(reply, "off", upload->offset);
    if (images->has_hash && upload->total != 0 && upload->offset == upload->total)
        fits = fits && oto_smp_put_bool(reply, "match", matches(images));
    return answer(fits);
}

static int32_t take_portion(oto_images *images, const oto_smp_request *request,
                            zcbor_state_t *reply) {
    portion in = {0};
    if (!read_portion(request, &in))
        return OTO_SMP_INVALID;
    if (in.offset == 0 && is_same(images, &in))
        return answer_offset(images, reply);
    if (in.offset == 0) {
        const int32_t error = begin_upload(images, &in);
        if (error != OTO_SMP_OK)
            return error;
    } else if (images->upload.total == 0 || in.offset != images->upload.offset) {
        return answer_offset(images, reply);
    }
    if (in.data.len > images->upload.total - images->upload.offset) {
        images->upload.total = 0;
        return OVERRUN;
    }
    if (oto_upload_add(&images->upload, in.data.value, (uint32_t)in.data.len) < 0) {
        images->upload.total = 0;
        return FLASH_WRITE_FAILED;
    }
    return answer_offset(images, reply);
}

static int32_t erase(oto_images *images, const oto_smp_request *request) {
    uint32_t slot = 1;
    const oto_field fields[] = {{"slot", OTO_FIELD_UINT, &slot, NULL}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 1))
        return OTO_SMP_INVALID;
    if (slot != 1)
        return INVALID_SLOT;
    images->upload.total = 0;
    switch (oto_slots_erase(images->boot)) {
    case OTO_OK:
        return OTO_SMP_OK;
    case OTO_SLOTS_ON_TRIAL:
        return NO_FREE_SLOT;
    default:
        return FLASH_WRITE_FAILED;
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
    return answer(oto_smp_put_key(reply, "images") && zcbor_list_start_encode(reply, 1) &&
                  zcbor_map_start_encode(reply, 3) && oto_smp_put_uint(reply, "image", 0) &&
                  oto_smp_put_key(reply, "slots") && zcbor_list_start_encode(reply, 2) &&
                  put_slot(images, reply, 0, images->recovery) &&
                  put_slot(images, reply, 1, !images->recovery) &&
                  zcbor_list_end_encode(reply, 2) &&
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
        return writes ? take_portion(images, request, reply) : OTO_SMP_NOT_SUPPORTED;
    case ERASE:
        return writes ? erase(images, request) : OTO_SMP_NOT_SUPPORTED;
    case SLOT_INFO:
        return writes ? OTO_SMP_NOT_SUPPORTED : slot_info(images, reply);
    default:
        return OTO_SMP_NOT_SUPPORTED;
    }
}
