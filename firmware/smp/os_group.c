#include "os_group.h"
#include "cbor.h"

#include <string.h>

enum { ECHO = 0, RESET = 5, PARAMETERS = 6, INFO = 7, BOOTLOADER = 8 };

#define INFO_BYTES 160u

static int32_t echo(const oto_smp_request *request, zcbor_state_t *reply) {
    struct zcbor_string text = {0};
    bool seen = false;
    const oto_field fields[] = {{"d", OTO_FIELD_TEXT, &text, &seen}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 1) || !seen)
        return OTO_SMP_INVALID;
    return oto_smp_fits(oto_smp_put_key(reply, "r") && zcbor_tstr_encode(reply, &text));
}

static void append(char text[INFO_BYTES], const char *word) {
    const size_t used = strlen(text);
    if (used + strlen(word) + 2 > INFO_BYTES)
        return;
    if (used > 0)
        strcat(text, " ");
    strcat(text, word);
}

/* Fields in the order uname prints them, whatever the order they were asked in. */
static int32_t info(const oto_os *os, const oto_smp_request *request, zcbor_state_t *reply) {
    static const char order[] = "snrvmpio";
    const char *const words[] = {"otolith", os->board_id, os->version,  os->version,
                                 "arm",     os->core,     os->board_id, "otolith"};
    struct zcbor_string format = {(const uint8_t *)"s", 1};
    const oto_field fields[] = {{"format", OTO_FIELD_TEXT, &format, NULL}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 1))
        return OTO_SMP_INVALID;
    char text[INFO_BYTES] = "";
    const bool all = memchr(format.value, 'a', format.len) != NULL;
    for (uint32_t i = 0; i + 1 < sizeof order; i++)
        if (all || memchr(format.value, order[i], format.len) != NULL)
            append(text, words[i]);
    return oto_smp_fits(oto_smp_put_text(reply, "output", text));
}

static int32_t bootloader(const oto_smp_request *request, zcbor_state_t *reply) {
    bool query = false;
    struct zcbor_string ignored;
    const oto_field fields[] = {{"query", OTO_FIELD_TEXT, &ignored, &query}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 1))
        return OTO_SMP_INVALID;
    return query ? OTO_SMP_NO_ENTRY
                 : oto_smp_fits(oto_smp_put_text(reply, "bootloader", "otolith"));
}

int32_t oto_os_handle(void *context, const oto_smp_request *request, zcbor_state_t *reply) {
    oto_os *os = context;
    switch (request->command) {
    case ECHO:
        return echo(request, reply);
    case RESET:
        if (request->op != OTO_SMP_WRITE)
            return OTO_SMP_NOT_SUPPORTED;
        os->reset_asked = true;
        return OTO_SMP_OK;
    case PARAMETERS:
        return oto_smp_fits(oto_smp_put_uint(reply, "buf_size", os->buffer_bytes) &&
                            oto_smp_put_uint(reply, "buf_count", os->buffer_count));
    case INFO:
        return info(os, request, reply);
    case BOOTLOADER:
        return bootloader(request, reply);
    default:
        return OTO_SMP_NOT_SUPPORTED;
    }
}
