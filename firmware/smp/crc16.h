#ifndef OTO_CRC16_H
#define OTO_CRC16_H

#include <stdint.h>

/* CRC-16/XMODEM: polynomial 0x1021, nothing reflected. Begin with 0 and pass each result on to
 * continue. */
uint16_t oto_crc16(uint16_t crc, const uint8_t *bytes, uint32_t length);

#endif
