/*
 * Requests that are nearly right: valid ones of every command, then with their bytes changed, cut,
 * doubled or swapped, framed rightly or wrongly, or plain noise.
 */
#include "smp-host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zcbor_encode.h>

#define PACKET_MAX 600u

static uint32_t state = 1;
static uint32_t replies;

void host_seed(uint32_t seed) {
    state = seed == 0 ? 1 : seed;
}

uint32_t host_random(void) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint32_t below(uint32_t limit) {
    return host_random() % limit;
}

static bool count_reply(const uint8_t *bytes, uint32_t length) {
    replies += bytes[0] == 0x06 && bytes[length - 1] == '\n' ? 1u : 0u;
    return true;
}

static const char *const keys[] = {"d",    "off",     "len", "data", "sha",    "image", "upgrade",
                                   "hash", "win",     "crc", "seq",  "max",    "seed",  "run",
                                   "from", "confirm", "x",   "",     "format", "query", "slot"};

static bool put_value(zcbor_state_t *body, uint32_t depth) {
    static uint8_t noise[256];
    for (uint32_t i = 0; i < sizeof noise; i += 16)
        noise[i] = (uint8_t)host_random();
    switch (below(depth > 2 ? 7 : 9)) {
    case 0:
        return zcbor_uint32_put(body, below(70000));
    case 1:
        return zcbor_uint32_put(body, host_random());
    case 2:
        return zcbor_int64_put(body, (int64_t)((uint64_t)host_random() << below(32)) - 5);
    case 3:
        return zcbor_bool_put(body, below(2) == 1);
    case 4:
        return zcbor_bstr_encode_ptr(body, (const char *)noise, below(4) == 0 ? 32 : below(256));
    case 5:
        return zcbor_tstr_encode_ptr(body, "abcdefghijklmnopqrstuvwxyz", below(27));
    case 6:
        return zcbor_nil_put(body, NULL);
    case 7:
        return zcbor_list_start_encode(body, 3) && put_value(body, depth + 1) &&
               zcbor_list_end_encode(body, 3);
    default:
        return zcbor_map_start_encode(body, 3) && zcbor_uint32_put(body, 1) &&
               put_value(body, depth + 1) && zcbor_map_end_encode(body, 3);
    }
}

/* An unknown key with a value nested as deep as the packet is long. */
static uint32_t put_nest(uint8_t *body) {
    static const uint8_t head[] = {0xa1, 0x61, 'x'};
    memcpy(body, head, sizeof head);
    memset(body + sizeof head, below(2) == 0 ? 0x81 : 0xc1, PACKET_MAX / 2);
    return sizeof head + PACKET_MAX / 2;
}

/* A packet with a sound header and a body of keys that some command knows. */
static uint32_t make_packet(uint8_t *packet) {
    static const uint16_t groups[] = {0, 0, 1, 1, 1, OTO_VENDOR_GROUP, OTO_VENDOR_GROUP, 9};
    static const uint8_t commands[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 200};
    ZCBOR_STATE_E(body, 8, packet + OTO_SMP_HEADER_BYTES, PACKET_MAX - OTO_SMP_HEADER_BYTES, 1);
    const uint32_t pairs = below(6);
    bool fits = zcbor_map_start_encode(body, 20);
    for (uint32_t i = 0; i < pairs; i++) {
        const char *key = keys[below(sizeof keys / sizeof keys[0])];
        fits = fits && zcbor_tstr_encode_ptr(body, key, strlen(key)) && put_value(body, 0);
    }
    fits = fits && zcbor_map_end_encode(body, 20);
    uint32_t length = fits ? (uint32_t)(body->payload - packet) - OTO_SMP_HEADER_BYTES
                           : 1 + below(PACKET_MAX / 2);
    const uint16_t group = groups[below(8)];
    if (below(50) == 0)
        length = put_nest(packet + OTO_SMP_HEADER_BYTES);
    packet[0] = (uint8_t)(below(2) << 3 | (below(8) == 0 ? below(8) : 2 * below(2)));
    packet[1] = 0;
    packet[2] = (uint8_t)(length >> 8);
    packet[3] = (uint8_t)length;
    packet[4] = (uint8_t)(group >> 8);
    packet[5] = (uint8_t)group;
    packet[6] = (uint8_t)host_random();
    packet[7] = commands[below(sizeof commands)];
    return OTO_SMP_HEADER_BYTES + length;
}

/* Changes a few bytes, or the length, of what it is given. */
static uint32_t corrupt(uint8_t *bytes, uint32_t length, uint32_t capacity) {
    for (uint32_t i = below(4); i > 0 && length > 0; i--)
        bytes[below(length)] = (uint8_t)host_random();
    if (below(6) == 0)
        length = below(length + 1);
    if (below(10) == 0 && length > 8 && length + 8 < capacity) {
        const uint32_t at = below(length - 8);
        memmove(bytes + at + 8, bytes + at, length - at);
        length += 8;
    }
    return length;
}

static uint8_t framed[4 * PACKET_MAX];
static uint32_t framed_length;

static bool keep(const uint8_t *bytes, uint32_t length) {
    if (framed_length + length > sizeof framed)
        return false;
    memcpy(framed + framed_length, bytes, length);
    framed_length += length;
    return true;
}

static void feed(oto_app *app, const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++)
        oto_app_receive(app, bytes[i], count_reply);
    app->os.reset_asked = false;
    (void)oto_app_work(app);
}

static void feed_one(oto_app *app) {
    uint8_t packet[PACKET_MAX];
    uint32_t length = make_packet(packet);
    framed_length = 0;
    if (below(3) != 0)
        length = corrupt(packet, length, sizeof packet);
    if (length == 0 || !oto_console_send(packet, length, keep))
        return;
    if (below(4) == 0)
        framed_length = corrupt(framed, framed_length, sizeof framed);
    feed(app, framed, framed_length);
}

/* An echo must be answered, whatever went before. The newline ends a line that may be open. */
static void ask(oto_app *app) {
    static const uint8_t echo[] = {0x0a, 0, 0, 6, 0, 0, 1, 0, 0xa1, 0x61, 'd', 0x62, 'o', 'k'};
    const uint32_t before = replies;
    framed_length = 0;
    (void)oto_console_send(echo, sizeof echo, keep);
    feed(app, (const uint8_t *)"\n", 1);
    feed(app, framed, framed_length);
    if (replies > before)
        return;
    (void)printf("no answer after noise\n");
    exit(1);
}

void host_fuzz(oto_app *app, uint32_t frames) {
    for (uint32_t i = 0; i < frames; i++) {
        feed_one(app);
        if (i % 1000 == 999)
            ask(app);
    }
    (void)printf("%u frames, %u answers, %u errors answered, %u bad checksums, %u bad frames, "
                 "0 crashes\n",
                 frames, replies, app->server.errors, app->console.bad_checksum,
                 app->console.bad_frame);
}
