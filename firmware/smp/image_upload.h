/* The upload command of the image group: portions of an image, in order, any of which may come
 * twice. */
#ifndef OTO_IMAGE_UPLOAD_H
#define OTO_IMAGE_UPLOAD_H

#include "image_group.h"

/* Answers one portion with the offset of the next. */
int32_t oto_image_upload(oto_images *images, const oto_smp_request *request, zcbor_state_t *reply);

#endif
