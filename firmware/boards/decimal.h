/* Numbers as text, where there is no printf. */
#ifndef OTO_DECIMAL_H
#define OTO_DECIMAL_H

#include <stdint.h>

/* Room for any number and the end of its text. */
#define OTO_DECIMAL_BYTES 21

/* Writes a number at the end of `text`; returns its first digit. */
static inline const char *oto_decimal(uint64_t value, char text[OTO_DECIMAL_BYTES]) {
    uint32_t at = OTO_DECIMAL_BYTES - 1;
    text[at] = '\0';
    do {
        text[--at] = (char)('0' + (char)(value % 10u));
        value /= 10u;
    } while (value != 0);
    return &text[at];
}

#endif
