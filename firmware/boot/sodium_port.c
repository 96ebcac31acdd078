/* What libsodium's hashing and verifying files expect from its utilities, which are not linked. */
#include <stddef.h>
#include <stdint.h>

int sodium_memcmp(const void *a, const void *b, size_t length);
int sodium_is_zero(const unsigned char *bytes, size_t length);
void sodium_memzero(void *bytes, size_t length);
_Noreturn void sodium_misuse(void);

int sodium_memcmp(const void *a, const void *b, size_t length) {
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    uint8_t difference = 0;
    for (size_t i = 0; i < length; i++)
        difference |= (uint8_t)(left[i] ^ right[i]);
    return difference == 0 ? 0 : -1;
}

int sodium_is_zero(const unsigned char *bytes, size_t length) {
    uint8_t any = 0;
    for (size_t i = 0; i < length; i++)
        any |= bytes[i];
    return any == 0 ? 1 : 0;
}

void sodium_memzero(void *bytes, size_t length) {
    volatile uint8_t *at = bytes;
    while (length-- > 0)
        *at++ = 0;
}

/* Only reached with an impossible message length; there is nobody to report it to. */
_Noreturn void sodium_misuse(void) {
    __builtin_trap();
}
