#include "os_group.h"
#include "cbor.h"

#include <string.h>

enum { ECHO = 0, RESET = 5, PARAMETERS = 6, INFO = 7, BOOTLOADER = 8 };

#define INFO_BYTES 160u

/* MCUmgr's error codes of the os group, with the plain code that a version 1 client gets. */
#define INVALID_FORMAT OTO_SMP_GROUP_ERROR(OTO_SMP_INVALID, 2)
#define QUERY_YIELDS_NO_ANSWER OTO_SMP_GROUP_ERROR(OTO_SMP_NO_ENTRY, 3)

/*
 * MCUboot's number of a swap without a scratch area. Its newer 9, a swap by an offset of one sector
 * as ours is, is a number that clients in use refuse to read.
 */
#define MODE_SWAP_WITHOUT_SCRATCH 3u

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
    for (uint32_t i = 0; i < format.len; i++)
        if (format.value[i] == 0 || strchr("asnrvmpio", format.value[i]) == NULL)
            return INVALID_FORMAT;
    const bool all = memchr(format.value, 'a', format.len) != NULL;
    for (uint32_t i = 0; i + 1 < sizeof order; i++)
        if (all || memchr(format.value, order[i], format.len) != NULL)
            append(text, words[i]);
    return oto_smp_fits(oto_smp_put_text(reply, "output", text));
}

/* Clients ask for the name before they use MCUboot's images and slots, so it is the name of that.
 */
static int32_t bootloader(const oto_smp_request *request, zcbor_state_t *reply) {
    static const char mode[] = "mode";
    bool asked = false;
    struct zcbor_string query;
    const oto_field fields[] = {{"query", OTO_FIELD_TEXT, &query, &asked}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 1))
        return OTO_SMP_INVALID;
    if (!asked)
        return oto_smp_fits(oto_smp_put_text(reply, "bootloader", "MCUboot"));
    if (query.len != sizeof mode - 1 || memcmp(query.value, mode, query.len) != 0)
        return QUERY_YIELDS_NO_ANSWER;
    return oto_smp_fits(oto_smp_put_uint(reply, mode, MODE_SWAP_WITHOUT_SCRATCH));
}

/* A reset into serial recovery cannot be asked for: refused rather than done as any other. */
static int32_t reset(oto_os *os, const oto_smp_request *request) {
    uint32_t boot_mode = 0;
    const oto_field fields[] = {{"boot_mode", OTO_FIELD_UINT, &boot_mode, NULL}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 1))
        return OTO_SMP_INVALID;
    if (boot_mode != 0)
        return OTO_SMP_NOT_SUPPORTED;
    os->reset_asked = true;
    return OTO_SMP_OK;
}

int32_t oto_os_handle(void *context, const oto_smp_request *request, zcbor_state_t *reply) {
    oto_os *os = context;
    const bool writes = request->op == OTO_SMP_WRITE;
    /* What the standard defines for reading or for writing only; an echo goes both ways. */
    if (request->command != ECHO && writes != (request->command == RESET))
        return OTO_SMP_NOT_SUPPORTED;
    switch (request->command) {
    case ECHO:
        return echo(request, reply);
    case RESET:
        return reset(os, request);
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
