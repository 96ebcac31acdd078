#include "image_upload.h"
#include "cbor.h"
#include "image_errors.h"
#include "trailer.h"

#include <string.h>

/* The parameters of one upload request. */
typedef struct portion {
    uint32_t offset, length, image;
    struct zcbor_string data, hash;
    bool upgrade;
    bool has_offset, has_length, has_hash, has_data;
} portion;

static bool read_portion(const oto_smp_request *request, portion *in) {
    const oto_field fields[] = {{"off", OTO_FIELD_UINT, &in->offset, &in->has_offset},
                                {"len", OTO_FIELD_UINT, &in->length, &in->has_length},
                                {"data", OTO_FIELD_BYTES, &in->data, &in->has_data},
                                {"sha", OTO_FIELD_BYTES, &in->hash, &in->has_hash},
                                {"image", OTO_FIELD_UINT, &in->image, NULL},
                                {"upgrade", OTO_FIELD_BOOL, &in->upgrade, NULL}};
    return oto_cbor_read(request->body, request->body_length, fields, 6) && in->has_offset &&
           in->has_data;
}

/*
 * There is one image, number 0. smpclient puts the number of a slot there (`smpmgr upgrade --slot
 * 1` sends image 1, and marks nothing without it), so 1 is taken where slot 1 is what is written.
 */
static bool is_ours(const oto_images *images, const portion *in) {
    return in->image == 0 || (in->image == 1 && !images->recovery);
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
        return OTO_IMAGE_ERROR_NO_LENGTH;
    if (in->data.len >= sizeof magic && memcmp(in->data.value, magic, sizeof magic) != 0)
        return OTO_IMAGE_ERROR_BAD_MAGIC;
    if (in->has_hash && in->hash.len != OTO_HASH_BYTES)
        return OTO_IMAGE_ERROR_BAD_HASH;
    if (in->upgrade && !is_newer(images, in))
        return OTO_IMAGE_ERROR_NOT_NEWER;
    images->upload.total = 0;
    images->refusal = OTO_REFUSAL_NONE;
    const int32_t error = images->recovery
                              ? begin_in_slot0(images, in->length)
                              : oto_slots_begin_upload(images->boot, in->length, &images->upload);
    if (error == OTO_SLOTS_TOO_LARGE)
        return OTO_IMAGE_ERROR_TOO_LARGE;
    if (error == OTO_SLOTS_ON_TRIAL)
        return OTO_IMAGE_ERROR_NO_FREE_SLOT;
    images->has_hash = in->has_hash;
    if (in->has_hash)
        memcpy(images->hash, in->hash.value, OTO_HASH_BYTES);
    return error == OTO_OK ? OTO_SMP_OK : OTO_IMAGE_ERROR_FLASH_WRITE_FAILED;
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
    return oto_smp_fits(fits);
}

int32_t oto_image_upload(oto_images *images, const oto_smp_request *request, zcbor_state_t *reply) {
    portion in = {0};
    if (!read_portion(request, &in))
        return OTO_SMP_INVALID;
    if (!is_ours(images, &in))
        return OTO_IMAGE_ERROR_NO_FREE_SLOT;
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
        return OTO_IMAGE_ERROR_OVERRUN;
    }
    if (oto_upload_add(&images->upload, in.data.value, (uint32_t)in.data.len) < 0) {
        images->upload.total = 0;
        return OTO_IMAGE_ERROR_FLASH_WRITE_FAILED;
    }
    return answer_offset(images, reply);
}
