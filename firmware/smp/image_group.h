/* SMP group 1: which images there are, uploading one, trying it, keeping it. */
#ifndef OTO_IMAGE_GROUP_H
#define OTO_IMAGE_GROUP_H

#include "slots.h"
#include "smp.h"

#define OTO_IMAGE_GROUP 1u

typedef struct oto_images {
    const oto_boot *boot;
    bool recovery; /* the bootloader's serial recovery: uploads go straight into slot 0 */
    oto_upload upload;
    bool has_hash; /* the client named the upload by its SHA-256 */
    uint8_t hash[OTO_HASH_BYTES];
    oto_refusal refusal; /* why a request for slot 1's image was refused here, before any start */
} oto_images;

int32_t oto_image_handle(void *context, const oto_smp_request *request, zcbor_state_t *reply);

/* "1.2.3" or "1.2.3.4" into `text` of at least 24 bytes. */
void oto_version_text(oto_version version, char *text);

#endif
