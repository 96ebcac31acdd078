#include "image.h"

#include <string.h>

#define IMAGE_MAGIC 0x96f3b83du
#define HEADER_BYTES 32u
#define PROTECTED_MAGIC 0x6908u
#define PLAIN_MAGIC 0x6907u
#define RECORD_BYTES 4u

enum {
    TLV_KEY_HASH = 0x01,
    TLV_SHA256 = 0x10,
    TLV_ED25519 = 0x24,
    TLV_SECURITY_COUNTER = 0x50,
    TLV_BOARD_ID = 0xa0,
};

#define BOARD_ID_BYTES 32u

/* What the records behind the body said. */
typedef struct records {
    bool has_hash, has_key, has_signature, has_counter, has_board;
    uint8_t hash[OTO_HASH_BYTES];
    uint8_t key_hash[OTO_HASH_BYTES];
    uint8_t signature[OTO_SIGNATURE_BYTES];
    uint32_t counter;
    uint8_t board[BOARD_ID_BYTES];
    uint32_t board_bytes;
} records;

static uint32_t le16(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t le32(const uint8_t *at) {
    return le16(at) | le16(at + 2) << 16;
}

/* Reads the header; on success `protected_bytes` is the length of the protected records. */
static int32_t read_header(const oto_flash *flash, uint32_t capacity, oto_image *image,
                           uint32_t *protected_bytes) {
    uint8_t raw[HEADER_BYTES];
    if (capacity < HEADER_BYTES || flash->read(flash->context, image->address, raw, sizeof raw) < 0)
        return OTO_IMAGE_SIZE;
    if (le32(raw) != IMAGE_MAGIC)
        return OTO_IMAGE_MAGIC;
    image->header_bytes = le16(raw + 8);
    image->body_bytes = le32(raw + 12);
    image->version = (oto_version){raw[20], raw[21], (uint16_t)le16(raw + 22), le32(raw + 24)};
    *protected_bytes = le16(raw + 10);
    if (image->header_bytes < HEADER_BYTES || image->header_bytes > capacity ||
        image->body_bytes > capacity - image->header_bytes ||
        *protected_bytes > capacity - image->header_bytes - image->body_bytes)
        return OTO_IMAGE_SIZE;
    return OTO_OK;
}

/* Reads the magic and length that begin a list of records at `at`, and checks that it ends before
 * `end`. */
static int32_t list_bytes(const oto_flash *flash, uint32_t at, uint32_t end, uint32_t magic,
                          uint32_t *bytes) {
    uint8_t raw[RECORD_BYTES];
    if (end - at < RECORD_BYTES || flash->read(flash->context, at, raw, sizeof raw) < 0)
        return OTO_IMAGE_TLV;
    *bytes = le16(raw + 2);
    if (le16(raw) != magic || *bytes < RECORD_BYTES || *bytes > end - at)
        return OTO_IMAGE_TLV;
    return OTO_OK;
}

static int32_t take_record(const oto_flash *flash, uint32_t type, uint32_t at, uint32_t length,
                           bool is_protected, records *found) {
    uint8_t *to;
    uint32_t wanted = OTO_HASH_BYTES;
    bool *seen;
    uint8_t counter[4];
    if (type == TLV_SHA256 && !is_protected) {
        to = found->hash;
        seen = &found->has_hash;
    } else if (type == TLV_KEY_HASH && !is_protected) {
        to = found->key_hash;
        seen = &found->has_key;
    } else if (type == TLV_ED25519 && !is_protected) {
        to = found->signature;
        seen = &found->has_signature;
        wanted = OTO_SIGNATURE_BYTES;
    } else if (type == TLV_SECURITY_COUNTER && is_protected) {
        to = counter;
        seen = &found->has_counter;
        wanted = sizeof counter;
    } else if (type == TLV_BOARD_ID && is_protected) {
        to = found->board;
        seen = &found->has_board;
        wanted = length <= BOARD_ID_BYTES ? length : BOARD_ID_BYTES;
        found->board_bytes = length;
    } else {
        return OTO_OK;
    }
    /* A second record of a kind would make it a matter of taste which one counts. */
    if (*seen || length != wanted || flash->read(flash->context, at, to, wanted) < 0)
        return OTO_IMAGE_TLV;
    *seen = true;
    if (type == TLV_SECURITY_COUNTER)
        found->counter = le32(counter);
    return OTO_OK;
}

static int32_t read_list(const oto_flash *flash, uint32_t at, uint32_t bytes, bool is_protected,
                         records *found) {
    const uint32_t end = at + bytes;
    at += RECORD_BYTES;
    while (at < end) {
        uint8_t raw[RECORD_BYTES];
        if (end - at < RECORD_BYTES || flash->read(flash->context, at, raw, sizeof raw) < 0)
            return OTO_IMAGE_TLV;
        at += RECORD_BYTES;
        const uint32_t length = le16(raw + 2);
        if (length > end - at)
            return OTO_IMAGE_TLV;
        const int32_t error = take_record(flash, le16(raw), at, length, is_protected, found);
        if (error < 0)
            return error;
        at += length;
    }
    return OTO_OK;
}

static int32_t hash_range(const oto_flash *flash, uint32_t address, uint32_t length,
                          uint8_t digest[OTO_HASH_BYTES]) {
    oto_sha256 hash;
    uint8_t chunk[256];
    oto_sha256_begin(&hash);
    while (length > 0) {
        const uint32_t part = length < sizeof chunk ? length : (uint32_t)sizeof chunk;
        if (flash->read(flash->context, address, chunk, part) < 0)
            return OTO_IMAGE_SIZE;
        oto_sha256_add(&hash, chunk, part);
        address += part;
        length -= part;
    }
    oto_sha256_end(&hash, digest);
    return OTO_OK;
}

/* The key is named by the hash of its SubjectPublicKeyInfo (RFC 8410), which for Ed25519 is this
 * and the key. */
static const uint8_t spki_prefix[12] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                        0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

static int32_t check_signature(const records *found, const uint8_t digest[OTO_HASH_BYTES],
                               const oto_trust *trust) {
    if (!found->has_signature || !found->has_key)
        return OTO_IMAGE_SIGNATURE;
    uint8_t key_hash[OTO_HASH_BYTES];
    oto_sha256 hash;
    oto_sha256_begin(&hash);
    oto_sha256_add(&hash, spki_prefix, sizeof spki_prefix);
    oto_sha256_add(&hash, trust->public_key, OTO_KEY_BYTES);
    oto_sha256_end(&hash, key_hash);
    if (memcmp(key_hash, found->key_hash, OTO_HASH_BYTES) != 0)
        return OTO_IMAGE_KEY;
    return trust->verify(found->signature, digest, OTO_HASH_BYTES, trust->public_key)
               ? OTO_OK
               : OTO_IMAGE_SIGNATURE;
}

/* Header and both lists of records; on success image->bytes is known. */
static int32_t read_structure(const oto_flash *flash, uint32_t capacity, oto_image *image,
                              uint32_t *hashed_bytes, records *found) {
    uint32_t protected_bytes = 0;
    int32_t error = read_header(flash, capacity, image, &protected_bytes);
    if (error < 0)
        return error;
    const uint32_t end = image->address + capacity;
    uint32_t at = image->address + image->header_bytes + image->body_bytes;
    uint32_t bytes = 0;
    if (protected_bytes > 0) {
        error = list_bytes(flash, at, end, PROTECTED_MAGIC, &bytes);
        if (error < 0 || bytes != protected_bytes)
            return OTO_IMAGE_TLV;
        error = read_list(flash, at, bytes, true, found);
        if (error < 0)
            return error;
        at += bytes;
    }
    *hashed_bytes = at - image->address;
    error = list_bytes(flash, at, end, PLAIN_MAGIC, &bytes);
    if (error < 0)
        return error;
    image->bytes = at + bytes - image->address;
    return read_list(flash, at, bytes, false, found);
}

int32_t oto_image_check(const oto_flash *flash, uint32_t address, uint32_t capacity,
                        const oto_trust *trust, oto_image *image) {
    records found;
    uint32_t hashed_bytes = 0;
    memset(&found, 0, sizeof found);
    memset(image, 0, sizeof *image);
    image->address = address;
    int32_t error = read_structure(flash, capacity, image, &hashed_bytes, &found);
    if (error < 0)
        return error;
    if (!found.has_hash)
        return OTO_IMAGE_TLV;
    error = hash_range(flash, address, hashed_bytes, image->hash);
    if (error < 0)
        return error;
    if (memcmp(image->hash, found.hash, OTO_HASH_BYTES) != 0)
        return OTO_IMAGE_HASH;
    if (trust->verify != NULL) {
        error = check_signature(&found, image->hash, trust);
        if (error < 0)
            return error;
    }
    const uint32_t id_bytes = (uint32_t)strlen(trust->board_id);
    if (!found.has_board || found.board_bytes != id_bytes ||
        memcmp(found.board, trust->board_id, id_bytes) != 0)
        return OTO_IMAGE_BOARD;
    if (image->header_bytes != trust->header_bytes)
        return OTO_IMAGE_SIZE;
    image->security_counter = found.counter;
    if (!found.has_counter || found.counter < trust->least_counter)
        return OTO_IMAGE_COUNTER;
    return OTO_OK;
}

uint32_t oto_image_bytes(const oto_flash *flash, uint32_t address, uint32_t capacity) {
    records found;
    uint32_t hashed_bytes = 0;
    oto_image image;
    memset(&found, 0, sizeof found);
    memset(&image, 0, sizeof image);
    image.address = address;
    return read_structure(flash, capacity, &image, &hashed_bytes, &found) < 0 ? 0 : image.bytes;
}
