#include "crc16.h"

uint16_t oto_crc16(uint16_t crc, const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) {
        uint32_t x = ((uint32_t)crc >> 8) ^ bytes[i];
        x ^= x >> 4;
        crc = (uint16_t)(((uint32_t)crc << 8) ^ (x << 12) ^ (x << 5) ^ x);
    }
    return crc;
}
