/* What a running application may do with the slots: look, upload, ask for a swap, confirm. */
#ifndef OTO_SLOTS_H
#define OTO_SLOTS_H

#include "boot.h"
#include "upload.h"

enum {
    OTO_SLOTS_ON_TRIAL = -32,  /* the running image is not confirmed: what it replaced must stay */
    OTO_SLOTS_NO_IMAGE = -33,  /* slot 1 holds no whole image for this board */
    OTO_SLOTS_TOO_LARGE = -34, /* longer than a slot takes */
};

typedef struct oto_slot {
    int32_t status; /* OTO_OK, or what is wrong with the image (image.h) */
    bool whole;     /* an image whose hash is right, if perhaps not one this board may start */
    oto_image image;
    bool pending;   /* slot 1: a swap has been asked for */
    bool permanent; /* slot 1: and for good */
    bool confirmed; /* slot 0: stays after the next start */
} oto_slot;

/* Describes slot 0 or 1. The signature is the bootloader's matter and checked if boot->trust has a
 * key. */
void oto_slots_look(const oto_boot *boot, uint32_t number, oto_slot *slot);

/* Begins an upload of `total` bytes to slot 1; what the slot held, and any request, is gone. */
int32_t oto_slots_begin_upload(const oto_boot *boot, uint32_t total, oto_upload *upload);

/* Withdraws a request and makes slot 1's images unreadable. */
int32_t oto_slots_erase(const oto_boot *boot);

/* Asks for slot 1's image at the next start, for a test or for good. May be repeated. */
int32_t oto_slots_request(const oto_boot *boot, bool permanent);

/* The running image stays. May be repeated. */
int32_t oto_slots_confirm(const oto_boot *boot);

#endif
