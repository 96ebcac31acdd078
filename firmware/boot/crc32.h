#ifndef OTO_CRC32_H
#define OTO_CRC32_H

#include <stdint.h>

/* CRC-32 of IEEE 802.3, as in zlib. Begin with 0 and pass each result on to continue. */
uint32_t oto_crc32(uint32_t crc, const void *bytes, uint32_t length);

#endif
