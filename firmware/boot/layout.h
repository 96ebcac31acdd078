/* Where things lie in flash. README.md in this folder draws it. */
#ifndef OTO_LAYOUT_H
#define OTO_LAYOUT_H

#include <stdint.h>

typedef struct oto_layout {
    uint32_t slot0; /* the image that runs, at its beginning */
    uint32_t slot1; /* the other one: an upload one sector in, an image that was swapped out at 0 */
    uint32_t slot_bytes; /* of each slot; the last sector holds the trailer */
    uint32_t state;      /* two sectors of boot state */
} oto_layout;

#endif
