/* Signed images in MCUboot's format (docs/design.md of MCUboot), with the choices of
 * protocol/VENDOR.md. */
#ifndef OTO_IMAGE_H
#define OTO_IMAGE_H

#include "crypto.h"
#include "flash.h"

#include <stdbool.h>

enum {
    OTO_IMAGE_MAGIC = -16,     /* no image here */
    OTO_IMAGE_SIZE = -17,      /* header or lengths do not fit the slot */
    OTO_IMAGE_TLV = -18,       /* the records behind the body are broken or incomplete */
    OTO_IMAGE_HASH = -19,      /* contents and hash differ */
    OTO_IMAGE_KEY = -20,       /* signed by somebody else */
    OTO_IMAGE_SIGNATURE = -21, /* not signed, or the signature is wrong */
    OTO_IMAGE_BOARD = -22,     /* made for another board */
    OTO_IMAGE_COUNTER = -23,   /* older than the security counter allows */
    OTO_IMAGE_ENTRY = -24,     /* sound, but its vector table points outside of it */
};

typedef struct oto_version {
    uint8_t major;
    uint8_t minor;
    uint16_t revision;
    uint32_t build;
} oto_version;

/* What an image must meet. */
typedef struct oto_trust {
    /*
     * oto_ed25519_verify, or NULL to check everything but the signature: an application leaves
     * that, and the code for it, to the bootloader.
     */
    bool (*verify)(const uint8_t *signature, const uint8_t *message, uint32_t length,
                   const uint8_t *key);
    const uint8_t *public_key; /* 32 bytes, where there is a `verify` */
    const char *board_id;
    uint32_t header_bytes;
    uint32_t least_counter;
} oto_trust;

typedef struct oto_image {
    uint32_t address;
    uint32_t bytes; /* header, body and all records */
    uint32_t header_bytes;
    uint32_t body_bytes;
    uint32_t security_counter;
    oto_version version;
    uint8_t hash[OTO_HASH_BYTES];
} oto_image;

/*
 * Checks the image at `address`, which may take up to `capacity` bytes, and describes it. `image`
 * is filled as far as the image could be read. Returns OTO_OK or the first thing wrong.
 */
int32_t oto_image_check(const oto_flash *flash, uint32_t address, uint32_t capacity,
                        const oto_trust *trust, oto_image *image);

/* Bytes of header, body and records by their own word, contents unchecked; 0 where there is no
 * image. */
uint32_t oto_image_bytes(const oto_flash *flash, uint32_t address, uint32_t capacity);

#endif
