/*
 * image-check <image> <key> <board> <header bytes> <least counter>
 * Prints what the bootloader thinks of an image, then of every image that differs from it in one
 * bit: how many there are and how many of them it would start.
 */
#include "../load.h"
#include "image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY 8192u

static uint8_t memory[CAPACITY];

static int32_t memory_read(void *context, uint32_t address, void *bytes, uint32_t length) {
    (void)context;
    if (address > CAPACITY || length > CAPACITY - address)
        abort();
    memcpy(bytes, memory + address, length);
    return OTO_OK;
}

static const oto_flash flash = {.read = memory_read, .sector_bytes = 4096, .write_bytes = 8};

int main(int argc, char **argv) {
    uint8_t key[OTO_KEY_BYTES];
    oto_image image;
    if (argc != 6)
        return 2;
    memset(memory, 0xff, sizeof memory);
    (void)load(argv[1], memory, CAPACITY);
    (void)load(argv[2], key, sizeof key);
    const oto_trust trust = {.verify = oto_ed25519_verify,
                             .public_key = key,
                             .board_id = argv[3],
                             .header_bytes = (uint32_t)strtoul(argv[4], NULL, 10),
                             .least_counter = (uint32_t)strtoul(argv[5], NULL, 10)};
    const int32_t status = oto_image_check(&flash, 0, CAPACITY, &trust, &image);
    const uint32_t bits = status == OTO_OK ? 8 * image.bytes : 0;
    uint32_t started = 0;
    for (uint32_t bit = 0; bit < bits; bit++) {
        oto_image other;
        memory[bit / 8] ^= (uint8_t)(1u << bit % 8);
        started += oto_image_check(&flash, 0, CAPACITY, &trust, &other) == OTO_OK ? 1u : 0u;
        memory[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    (void)printf("status %d, %u bytes, version %u.%u.%u+%u, %u flips, %u started\n", (int)status,
                 image.bytes, image.version.major, image.version.minor, image.version.revision,
                 image.version.build, bits, started);
    return 0;
}
