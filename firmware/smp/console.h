/*
 * SMP's console framing: a packet as lines of base64 that a serial console may share with text. The
 * stream is length (packet + 2), packet, CRC; each line is at most 127 bytes and decodes by itself.
 */
#ifndef OTO_CONSOLE_H
#define OTO_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#define OTO_CONSOLE_LINE_MAX 127u

typedef struct oto_console {
    uint8_t *packet; /* owned by the caller, `capacity` + 4 bytes: the whole stream is kept here */
    uint32_t capacity;
    uint32_t filled;
    bool collecting; /* a first line has come and more are expected */
    uint32_t
        line_length; /* bytes of the line so far; more than OTO_CONSOLE_LINE_MAX means too long */
    uint32_t bad_checksum; /* packets dropped for their CRC */
    uint32_t bad_frame;    /* lines or packets dropped for anything else */
    uint8_t line[OTO_CONSOLE_LINE_MAX];
} oto_console;

/* `packet` takes packets of up to `capacity` bytes and must hold four more. */
void oto_console_begin(oto_console *console, uint8_t *packet, uint32_t capacity);

/*
 * Takes one byte. Returns the length of a packet when that byte completed one, which then lies at
 * oto_console_packet() until the next byte; else 0.
 */
uint32_t oto_console_receive(oto_console *console, uint8_t byte);
const uint8_t *oto_console_packet(const oto_console *console);

/* Sends bytes on; false when the line does not take them. */
typedef bool (*oto_console_sink)(const uint8_t *bytes, uint32_t length);

/* Sends `packet` as lines. Returns false when the sink refused. */
bool oto_console_send(const uint8_t *packet, uint32_t length, oto_console_sink sink);

#endif
