/* The parameters of requests, read from one CBOR map through zcbor. */
#ifndef OTO_CBOR_H
#define OTO_CBOR_H

#include <stdbool.h>
#include <stdint.h>
#include <zcbor_common.h>

typedef enum oto_field_type {
    OTO_FIELD_UINT,
    OTO_FIELD_BOOL,
    OTO_FIELD_BYTES,
    OTO_FIELD_TEXT
} oto_field_type;

typedef struct oto_field {
    const char *key;
    oto_field_type type;
    void *value; /* uint32_t, bool or struct zcbor_string */
    bool *seen;  /* set when the key was there; NULL where that does not matter */
} oto_field;

/* Reads the map at `bytes`. Unknown keys are skipped; false when it is no map or a known key has
 * another type. */
bool oto_cbor_read(const uint8_t *bytes, uint32_t length, const oto_field *fields, uint32_t count);

#endif
