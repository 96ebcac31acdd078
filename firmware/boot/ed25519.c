/*
 * Ed25519 verification, and the few functions that the verifying files of libsodium expect from the
 * rest of the library, which is not linked: a bootloader signs nothing and draws no random numbers.
 */
#include "crypto.h"

#include <crypto_hash_sha512.h>
#include <crypto_sign_ed25519.h>
#include <string.h>

bool oto_ed25519_verify(const uint8_t signature[OTO_SIGNATURE_BYTES], const uint8_t *message,
                        uint32_t length, const uint8_t key[OTO_KEY_BYTES]) {
    return crypto_sign_ed25519_verify_detached(signature, message, length, key) == 0;
}

/* In libsodium this lies beside the signing code. We verify plain Ed25519 only, never the prehashed
 * form. */
void _crypto_sign_ed25519_ref10_hinit(crypto_hash_sha512_state *state, int prehashed);
void _crypto_sign_ed25519_ref10_hinit(crypto_hash_sha512_state *state, int prehashed) {
    (void)prehashed;
    (void)crypto_hash_sha512_init(state);
}
