/*
 * Windows of audio that arrive in portions and are fed to the network as they come
 * (protocol/VENDOR.md, audio). Every portion may arrive twice.
 */
#ifndef OTO_INTAKE_H
#define OTO_INTAKE_H

#include "runner.h"

enum {
    OTO_INTAKE_INVALID =
        -1, /* odd or empty, past the end, or the last portion without its checksum */
    OTO_INTAKE_CORRUPT = -2, /* the window's checksum is wrong; it has been dropped */
};

typedef struct oto_intake {
    bool active;   /* a window is being received */
    bool complete; /* a whole one waits for the network's end */
    uint32_t window;
    uint32_t offset; /* bytes of it taken */
    uint32_t crc;
    bool has_last; /* a window has been completed since boot */
    uint32_t last;
    uint32_t completed, corrupt, abandoned;
} oto_intake;

typedef struct oto_portion {
    uint32_t window;
    uint32_t offset;
    const uint8_t *bytes;
    uint32_t length;
    bool has_crc;
    uint32_t crc;
} oto_portion;

/* Takes a portion; `expected` is the offset the client should send next. OTO_INTAKE_* or 0. */
int32_t oto_intake_take(oto_intake *intake, oto_runner *runner, const oto_portion *portion,
                        uint32_t *expected);
/* Forgets an unfinished window, because somebody else needs the network. */
void oto_intake_abandon(oto_intake *intake);

#endif
