#include "smp.h"

#include <string.h>

/* Members of any answer's outermost map; maps and lists within each other, slot info having five.
 */
#define MEMBERS_MAX 40u
#define NESTING_MAX 6u
/* Versions 1 and 2 of the protocol; the header holds the version less one. */
#define NEWEST_VERSION 1u

bool oto_smp_put_key(zcbor_state_t *reply, const char *key) {
    return zcbor_tstr_encode_ptr(reply, key, strlen(key));
}

bool oto_smp_put_uint(zcbor_state_t *reply, const char *key, uint32_t value) {
    return oto_smp_put_key(reply, key) && zcbor_uint32_put(reply, value);
}

bool oto_smp_put_uint64(zcbor_state_t *reply, const char *key, uint64_t value) {
    return oto_smp_put_key(reply, key) && zcbor_uint64_put(reply, value);
}

bool oto_smp_put_bool(zcbor_state_t *reply, const char *key, bool value) {
    return oto_smp_put_key(reply, key) && zcbor_bool_put(reply, value);
}

bool oto_smp_put_text(zcbor_state_t *reply, const char *key, const char *value) {
    return oto_smp_put_key(reply, key) && zcbor_tstr_encode_ptr(reply, value, strlen(value));
}

bool oto_smp_put_bytes(zcbor_state_t *reply, const char *key, const uint8_t *bytes,
                       uint32_t length) {
    return oto_smp_put_key(reply, key) && zcbor_bstr_encode_ptr(reply, (const char *)bytes, length);
}

static uint32_t be16(const uint8_t *at) {
    return (uint32_t)at[0] << 8 | at[1];
}

static int32_t dispatch(const oto_smp_server *server, const oto_smp_request *request,
                        zcbor_state_t *reply) {
    if (request->version > NEWEST_VERSION)
        return OTO_SMP_TOO_NEW;
    for (uint32_t i = 0; i < server->group_count; i++)
        if (server->groups[i].group == request->group)
            return server->groups[i].handler(server->groups[i].context, request, reply);
    return OTO_SMP_NOT_SUPPORTED;
}

static bool put_error(zcbor_state_t *reply, const oto_smp_request *request, int32_t error) {
    const uint32_t bits = (uint32_t)error;
    if (error < 0x10000)
        return oto_smp_put_uint(reply, "rc", bits);
    if (request->version == 0)
        return oto_smp_put_uint(reply, "rc", bits >> 8 & 0xffu);
    return oto_smp_put_key(reply, "err") && zcbor_map_start_encode(reply, 2) &&
           oto_smp_put_uint(reply, "group", request->group) &&
           oto_smp_put_uint(reply, "rc", bits & 0xffu) && zcbor_map_end_encode(reply, 2);
}

/* Encodes the handler's answer, or its error in its place; returns the body's length, 0 when
 * nothing fits. */
static uint32_t encode_body(oto_smp_server *server, const oto_smp_request *request, uint8_t *body,
                            uint32_t capacity) {
    ZCBOR_STATE_E(state, NESTING_MAX, body, capacity, 1);
    int32_t error = zcbor_map_start_encode(state, MEMBERS_MAX) ? dispatch(server, request, state)
                                                               : OTO_SMP_TOO_LARGE;
    if (error == OTO_SMP_OK && zcbor_map_end_encode(state, MEMBERS_MAX))
        return (uint32_t)(state->payload - body);
    if (error == OTO_SMP_OK)
        error = OTO_SMP_TOO_LARGE;
    server->errors++;
    server->busy += error == OTO_SMP_BUSY ? 1 : 0;
    ZCBOR_STATE_E(again, NESTING_MAX, body, capacity, 1);
    if (zcbor_map_start_encode(again, MEMBERS_MAX) && put_error(again, request, error) &&
        zcbor_map_end_encode(again, MEMBERS_MAX))
        return (uint32_t)(again->payload - body);
    return 0;
}

uint32_t oto_smp_answer(oto_smp_server *server, const uint8_t *packet, uint32_t length,
                        uint8_t *reply, uint32_t capacity) {
    if (length < OTO_SMP_HEADER_BYTES || capacity <= OTO_SMP_HEADER_BYTES)
        return 0;
    const oto_smp_request request = {
        .version = packet[0] >> 3 & 3u,
        .op = packet[0] & 7u,
        .group = (uint16_t)be16(packet + 4),
        .command = packet[7],
        .body = packet + OTO_SMP_HEADER_BYTES,
        .body_length = length - OTO_SMP_HEADER_BYTES,
    };
    /* Answers of others, and lengths that contradict the frame, get none. */
    if ((request.op != OTO_SMP_READ && request.op != OTO_SMP_WRITE) ||
        be16(packet + 2) != request.body_length)
        return 0;
    const uint32_t body = encode_body(server, &request, reply + OTO_SMP_HEADER_BYTES,
                                      capacity - OTO_SMP_HEADER_BYTES);
    if (body == 0)
        return 0;
    const uint32_t version = request.version < NEWEST_VERSION ? request.version : NEWEST_VERSION;
    memcpy(reply, packet, OTO_SMP_HEADER_BYTES);
    reply[0] = (uint8_t)(version << 3 | (request.op + 1u));
    reply[1] = 0;
    reply[2] = (uint8_t)(body >> 8);
    reply[3] = (uint8_t)body;
    server->answered++;
    return OTO_SMP_HEADER_BYTES + body;
}
