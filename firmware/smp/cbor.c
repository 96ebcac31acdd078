#include "cbor.h"

#include <string.h>
#include <zcbor_decode.h>

enum { MAJOR_BYTES = 2, MAJOR_TEXT = 3, MAJOR_LIST = 4, MAJOR_MAP = 5, MAJOR_TAG = 6 };

/* Reads the head of one item; false when it is cut off or of indefinite length. */
static bool read_head(const uint8_t **at, const uint8_t *end, uint32_t *major, uint64_t *value) {
    if (*at >= end)
        return false;
    const uint32_t additional = **at & 31u;
    *major = (uint32_t) * *at >> 5;
    (*at)++;
    if (additional < 24) {
        *value = additional;
        return true;
    }
    if (additional > 27)
        return false;
    const uint32_t count = 1u << (additional - 24);
    if ((uint32_t)(end - *at) < count)
        return false;
    *value = 0;
    for (uint32_t i = 0; i < count; i++)
        *value = *value << 8 | *(*at)++;
    return true;
}

/*
 * Passes over one item, however deeply nested, without recursion: the library's own way costs a
 * stack frame per level, and a packet of 4,000 nested lists would overrun a small stack.
 */
static bool skip(zcbor_state_t *state) {
    const uint8_t *at = state->payload;
    uint64_t missing = 1;
    while (missing > 0) {
        uint32_t major;
        uint64_t value;
        if (missing > (uint64_t)(state->payload_end - at) ||
            !read_head(&at, state->payload_end, &major, &value))
            return false;
        missing--;
        const uint64_t left = (uint64_t)(state->payload_end - at);
        if ((major == MAJOR_BYTES || major == MAJOR_TEXT) && value > left)
            return false;
        if (major == MAJOR_BYTES || major == MAJOR_TEXT)
            at += value;
        else if (major == MAJOR_LIST || major == MAJOR_MAP) {
            if (value > left)
                return false;
            missing += major == MAJOR_MAP ? 2 * value : value;
        } else if (major == MAJOR_TAG)
            missing++;
    }
    state->payload = at;
    state->elem_count--;
    return true;
}

static bool read_value(zcbor_state_t *state, const oto_field *field) {
    if (field->seen != NULL)
        *field->seen = true;
    switch (field->type) {
    case OTO_FIELD_UINT:
        return zcbor_uint32_decode(state, field->value);
    case OTO_FIELD_BOOL:
        return zcbor_bool_decode(state, field->value);
    case OTO_FIELD_BYTES:
        return zcbor_bstr_decode(state, field->value);
    case OTO_FIELD_TEXT:
        return zcbor_tstr_decode(state, field->value);
    }
    return false;
}

static const oto_field *find(const struct zcbor_string *key, const oto_field *fields,
                             uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (strlen(fields[i].key) == key->len && memcmp(fields[i].key, key->value, key->len) == 0)
            return &fields[i];
    return NULL;
}

bool oto_cbor_read(const uint8_t *bytes, uint32_t length, const oto_field *fields, uint32_t count) {
    ZCBOR_STATE_D(state, 1, bytes, length, 1, 0);
    /* Clients may write integers longer than needed. */
    state->constant_state->enforce_canonical = false;
    if (!zcbor_map_start_decode(state))
        return false;
    while (!zcbor_array_at_end(state)) {
        struct zcbor_string key;
        if (!zcbor_tstr_decode(state, &key))
            return false;
        const oto_field *field = find(&key, fields, count);
        if (field == NULL ? !skip(state) : !read_value(state, field))
            return false;
    }
    return zcbor_map_end_decode(state);
}
