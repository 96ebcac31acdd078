/* SMP group 0: echo, reset, buffer sizes, names. */
#ifndef OTO_OS_GROUP_H
#define OTO_OS_GROUP_H

#include "smp.h"

#define OTO_OS_GROUP 0u

typedef struct oto_os {
    const char *board_id;
    const char *core;
    const char *version; /* of the running program */
    uint32_t buffer_bytes;
    uint32_t buffer_count;
    bool reset_asked; /* set by the handler; the caller resets once the answer is out */
} oto_os;

int32_t oto_os_handle(void *context, const oto_smp_request *request, zcbor_state_t *reply);

#endif
