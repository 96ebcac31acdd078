/* The Simple Management Protocol (Zephyr's MCUmgr): one request, one answer, both a header and a
 * CBOR map. */
#ifndef OTO_SMP_H
#define OTO_SMP_H

#include <stdbool.h>
#include <stdint.h>
#include <zcbor_encode.h>

#define OTO_SMP_HEADER_BYTES 8u

enum { OTO_SMP_READ = 0, OTO_SMP_WRITE = 2 };

/* Return codes of the protocol itself. */
enum {
    OTO_SMP_OK = 0,
    OTO_SMP_UNKNOWN = 1,
    OTO_SMP_NO_MEMORY = 2,
    OTO_SMP_INVALID = 3,
    OTO_SMP_NO_ENTRY = 5,
    OTO_SMP_BAD_STATE = 6,
    OTO_SMP_TOO_LARGE = 7,
    OTO_SMP_NOT_SUPPORTED = 8,
    OTO_SMP_CORRUPT = 9,
    OTO_SMP_BUSY = 10,
    OTO_SMP_TOO_NEW = 13, /* a version of the protocol that is not known here */
};

/* A handler's own error: version 2 clients get {err: {group, rc}}, version 1 clients the nearest
 * plain code. */
#define OTO_SMP_GROUP_ERROR(plain, code)                                                           \
    ((int32_t)(0x10000u | (uint32_t)(plain) << 8 | (uint32_t)(code)))

typedef struct oto_smp_request {
    uint8_t version; /* as in the header: 0 for version 1, 1 for version 2, more for newer ones */
    uint8_t op;
    uint8_t command;
    uint16_t group;
    const uint8_t *body; /* the CBOR map */
    uint32_t body_length;
} oto_smp_request;

/*
 * Answers one request by writing key-value pairs into `reply`, the open map of the answer. Returns
 * OTO_SMP_OK, a return code, or OTO_SMP_GROUP_ERROR; with an error what was written is thrown away.
 */
typedef int32_t (*oto_smp_handler)(void *context, const oto_smp_request *request,
                                   zcbor_state_t *reply);

typedef struct oto_smp_group {
    uint16_t group;
    oto_smp_handler handler;
    void *context;
} oto_smp_group;

typedef struct oto_smp_server {
    const oto_smp_group *groups;
    uint32_t group_count;
    uint32_t answered;
    uint32_t errors; /* requests answered with an error */
    uint32_t busy;   /* of these, with OTO_SMP_BUSY */
} oto_smp_server;

/* Answers the packet at `packet` into `reply`; returns the length of the answer, 0 when there is
 * none. */
uint32_t oto_smp_answer(oto_smp_server *server, const uint8_t *packet, uint32_t length,
                        uint8_t *reply, uint32_t capacity);

/* What a handler returns that has written its answer: an answer that does not fit the buffer is an
 * error. */
static inline int32_t oto_smp_fits(bool fits) {
    return fits ? OTO_SMP_OK : OTO_SMP_TOO_LARGE;
}

/* Shorthands for key-value pairs. */
bool oto_smp_put_uint(zcbor_state_t *reply, const char *key, uint32_t value);
bool oto_smp_put_uint64(zcbor_state_t *reply, const char *key, uint64_t value);
bool oto_smp_put_bool(zcbor_state_t *reply, const char *key, bool value);
bool oto_smp_put_text(zcbor_state_t *reply, const char *key, const char *value);
bool oto_smp_put_bytes(zcbor_state_t *reply, const char *key, const uint8_t *bytes,
                       uint32_t length);
bool oto_smp_put_key(zcbor_state_t *reply, const char *key);

#endif
