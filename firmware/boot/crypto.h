/* SHA-256 and Ed25519, as libsodium implements them. */
#ifndef OTO_CRYPTO_H
#define OTO_CRYPTO_H

#include <stdbool.h>
#include <stdint.h>

#define OTO_HASH_BYTES 32u
#define OTO_KEY_BYTES 32u
#define OTO_SIGNATURE_BYTES 64u

typedef struct oto_sha256 {
    uint64_t opaque[13];
} oto_sha256;

void oto_sha256_begin(oto_sha256 *hash);
void oto_sha256_add(oto_sha256 *hash, const void *bytes, uint32_t length);
void oto_sha256_end(oto_sha256 *hash, uint8_t digest[OTO_HASH_BYTES]);

/* True when `signature` over the `length` bytes at `message` is by the owner of `key` (RFC 8032).
 */
bool oto_ed25519_verify(const uint8_t signature[OTO_SIGNATURE_BYTES], const uint8_t *message,
                        uint32_t length, const uint8_t key[OTO_KEY_BYTES]);

#endif
