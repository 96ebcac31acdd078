#include "console.h"
#include "crc16.h"

#include <string.h>

#define MARK_BYTES 2u
#define LENGTH_BYTES 2u
#define CRC_BYTES 2u
/* 124 characters of base64. */
#define LINE_PAYLOAD 93u

static const uint8_t first_mark[MARK_BYTES] = {0x06, 0x09};
static const uint8_t next_mark[MARK_BYTES] = {0x04, 0x14};

void oto_console_begin(oto_console *console, uint8_t *packet, uint32_t capacity) {
    memset(console, 0, sizeof *console);
    console->packet = packet;
    console->capacity = capacity;
}

const uint8_t *oto_console_packet(const oto_console *console) {
    return console->packet + LENGTH_BYTES;
}

static int32_t digit(uint8_t character) {
    if (character >= 'A' && character <= 'Z')
        return character - 'A';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 26;
    if (character >= '0' && character <= '9')
        return character - '0' + 52;
    if (character == '+')
        return 62;
    return character == '/' ? 63 : -1;
}

/* Decodes whole quads, padding only in the last. Returns bytes written, or -1 when it is not
 * base64. */
static int32_t decode(const uint8_t *text, uint32_t length, uint8_t *bytes) {
    uint32_t written = 0;
    if (length == 0 || length % 4 != 0)
        return -1;
    const uint32_t padding = text[length - 1] != '=' ? 0 : text[length - 2] != '=' ? 1 : 2;
    for (uint32_t at = 0; at < length; at += 4) {
        const uint32_t missing = at + 4 == length ? padding : 0;
        uint32_t value = 0;
        for (uint32_t i = 0; i < 4; i++) {
            const int32_t part = i < 4 - missing ? digit(text[at + i]) : 0;
            if (part < 0)
                return -1;
            value = value << 6 | (uint32_t)part;
        }
        for (uint32_t i = 0; i < 3 - missing; i++)
            bytes[written++] = (uint8_t)(value >> (16 - 8 * i));
    }
    return (int32_t)written;
}

static void drop(oto_console *console) {
    console->collecting = false;
    console->filled = 0;
    console->bad_frame++;
}

static uint32_t stream_length(const oto_console *console) {
    return ((uint32_t)console->packet[0] << 8 | console->packet[1]) + LENGTH_BYTES;
}

/* The stream is complete when as many bytes are here as it says; returns the packet's length then.
 */
static uint32_t check_complete(oto_console *console) {
    if (console->filled < LENGTH_BYTES)
        return 0;
    const uint32_t length = stream_length(console);
    if (length > console->capacity + LENGTH_BYTES + CRC_BYTES || console->filled > length ||
        length <= LENGTH_BYTES + CRC_BYTES) {
        drop(console);
        return 0;
    }
    if (console->filled < length)
        return 0;
    console->collecting = false;
    console->filled = 0;
    const uint32_t packet_length = length - LENGTH_BYTES - CRC_BYTES;
    /* Over the packet and its CRC the CRC is zero. */
    if (oto_crc16(0, console->packet + LENGTH_BYTES, packet_length + CRC_BYTES) != 0) {
        console->bad_checksum++;
        return 0;
    }
    return packet_length;
}

static uint32_t take_line(oto_console *console, uint32_t length) {
    const uint8_t *line = console->line;
    if (length < MARK_BYTES)
        return 0;
    const bool first = memcmp(line, first_mark, MARK_BYTES) == 0;
    if (!first && memcmp(line, next_mark, MARK_BYTES) != 0)
        return 0; /* console text of somebody else */
    if (first == console->collecting)
        drop(console); /* a packet that lost its end, or a piece that lost its beginning */
    if (first) {
        console->collecting = true;
        console->filled = 0;
    } else if (!console->collecting) {
        return 0;
    }
    uint8_t bytes[OTO_CONSOLE_LINE_MAX];
    const int32_t count = decode(line + MARK_BYTES, length - MARK_BYTES, bytes);
    const uint32_t room = console->capacity + LENGTH_BYTES + CRC_BYTES - console->filled;
    if (count < 0 || (uint32_t)count > room) {
        drop(console);
        return 0;
    }
    memcpy(console->packet + console->filled, bytes, (uint32_t)count);
    console->filled += (uint32_t)count;
    return check_complete(console);
}

/* Neither mark occurs in base64: one in the middle of a line means that the line's end was lost. */
static bool begins_line(oto_console *console, uint8_t byte) {
    const uint32_t at = console->line_length;
    if (at == 0 || at > OTO_CONSOLE_LINE_MAX)
        return false;
    const uint8_t mark[MARK_BYTES] = {console->line[at - 1], byte};
    if (memcmp(mark, first_mark, MARK_BYTES) != 0 && memcmp(mark, next_mark, MARK_BYTES) != 0)
        return false;
    if (at > MARK_BYTES)
        drop(console);
    memcpy(console->line, mark, MARK_BYTES);
    console->line_length = MARK_BYTES;
    return true;
}

uint32_t oto_console_receive(oto_console *console, uint8_t byte) {
    if (begins_line(console, byte))
        return 0;
    if (byte != '\n') {
        if (console->line_length < OTO_CONSOLE_LINE_MAX)
            console->line[console->line_length] = byte;
        if (console->line_length <= OTO_CONSOLE_LINE_MAX)
            console->line_length++;
        return 0;
    }
    uint32_t length = console->line_length;
    console->line_length = 0;
    if (length > OTO_CONSOLE_LINE_MAX) {
        drop(console);
        return 0;
    }
    if (length > 0 && console->line[length - 1] == '\r')
        length--;
    return take_line(console, length);
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t encode(const uint8_t *bytes, uint32_t length, uint8_t *text) {
    uint32_t written = 0;
    for (uint32_t at = 0; at < length; at += 3) {
        const uint32_t count = length - at < 3 ? length - at : 3;
        uint32_t value = (uint32_t)bytes[at] << 16;
        value |= count > 1 ? (uint32_t)bytes[at + 1] << 8 : 0;
        value |= count > 2 ? bytes[at + 2] : 0;
        for (uint32_t i = 0; i < 4; i++)
            text[written++] =
                i <= count ? (uint8_t)digits[value >> (18 - 6 * i) & 63u] : (uint8_t)'=';
    }
    return written;
}

/* Byte `at` of the stream length | packet | CRC. */
static uint8_t stream_byte(const uint8_t *packet, uint32_t length, uint16_t crc, uint32_t at) {
    if (at < LENGTH_BYTES)
        return (uint8_t)((length + CRC_BYTES) >> (8 * (1 - at)));
    if (at < LENGTH_BYTES + length)
        return packet[at - LENGTH_BYTES];
    return (uint8_t)(crc >> (at == LENGTH_BYTES + length ? 8 : 0));
}

bool oto_console_send(const uint8_t *packet, uint32_t length, oto_console_sink sink) {
    const uint16_t crc = oto_crc16(0, packet, length);
    const uint32_t total = LENGTH_BYTES + length + CRC_BYTES;
    for (uint32_t at = 0; at < total;) {
        uint8_t payload[LINE_PAYLOAD];
        uint8_t line[OTO_CONSOLE_LINE_MAX];
        uint32_t count = total - at < LINE_PAYLOAD ? total - at : LINE_PAYLOAD;
        if (total - at - count == 1)
            count--; /* some receivers want both bytes of the CRC in one line */
        for (uint32_t i = 0; i < count; i++)
            payload[i] = stream_byte(packet, length, crc, at + i);
        memcpy(line, at == 0 ? first_mark : next_mark, MARK_BYTES);
        const uint32_t written = encode(payload, count, line + MARK_BYTES);
        line[MARK_BYTES + written] = '\n';
        if (!sink(line, MARK_BYTES + written + 1))
            return false;
        at += count;
    }
    return true;
}
