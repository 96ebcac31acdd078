#include "crypto.h"

#include <crypto_hash_sha256.h>

_Static_assert(sizeof(oto_sha256) >= sizeof(crypto_hash_sha256_state),
               "room for the library's state");

static crypto_hash_sha256_state *state(oto_sha256 *hash) {
    return (crypto_hash_sha256_state *)(void *)hash->opaque;
}

void oto_sha256_begin(oto_sha256 *hash) {
    (void)crypto_hash_sha256_init(state(hash));
}

void oto_sha256_add(oto_sha256 *hash, const void *bytes, uint32_t length) {
    (void)crypto_hash_sha256_update(state(hash), bytes, length);
}

void oto_sha256_end(oto_sha256 *hash, uint8_t digest[OTO_HASH_BYTES]) {
    (void)crypto_hash_sha256_final(state(hash), digest);
}
