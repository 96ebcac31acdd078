/*
 * Writing an image into a slot as it arrives, in portions of any length. Sectors are erased one by
 * one ahead of the data, so that no single portion takes long.
 */
#ifndef OTO_UPLOAD_H
#define OTO_UPLOAD_H

#include "flash.h"

#define OTO_UPLOAD_UNIT_MAX 32u

typedef struct oto_upload {
    const oto_flash *flash;
    uint32_t address; /* where the image begins */
    uint32_t total;   /* bytes announced; 0 while no upload is under way */
    uint32_t offset;  /* bytes taken */
    uint32_t erased;  /* bytes from `address` on that are erased or written */
    uint32_t held;    /* bytes in `unit` that do not yet fill a write unit */
    uint8_t unit[OTO_UPLOAD_UNIT_MAX];
} oto_upload;

/* Begins an upload to `address`, the beginning of a sector. */
void oto_upload_begin(oto_upload *upload, const oto_flash *flash, uint32_t address, uint32_t total);
/* Takes the next bytes, at most as many as are missing. The last ones complete the image in flash.
 */
int32_t oto_upload_add(oto_upload *upload, const uint8_t *bytes, uint32_t length);

#endif
