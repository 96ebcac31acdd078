#include "intake.h"
#include "crc32.h"

#include <string.h>

#define SAMPLES_AT_ONCE 256u

void oto_intake_abandon(oto_intake *intake) {
    if (intake->active)
        intake->abandoned++;
    intake->active = false;
}

static void feed(oto_runner *runner, const uint8_t *bytes, uint32_t length) {
    int16_t samples[SAMPLES_AT_ONCE];
    for (uint32_t at = 0; at < length; at += sizeof samples) {
        const uint32_t left = length - at;
        const uint32_t part = left < sizeof samples ? left : (uint32_t)sizeof samples;
        memcpy(samples, bytes + at, part);
        oto_runner_feed(runner, samples, part / 2);
    }
}

static int32_t complete(oto_intake *intake, const oto_portion *portion) {
    intake->active = false;
    if (intake->crc != portion->crc) {
        intake->corrupt++;
        return OTO_INTAKE_CORRUPT;
    }
    intake->complete = true;
    intake->has_last = true;
    intake->last = intake->window;
    intake->completed++;
    return 0;
}

/* Whether the portion can be taken as it is, with `expected` set for those that can not. */
static bool fits_now(oto_intake *intake, oto_runner *runner, const oto_portion *portion,
                     uint32_t *expected) {
    const uint32_t window_bytes = 2 * runner->model->window_samples;
    if (intake->active && portion->window == intake->window) {
        *expected = intake->offset;
        return portion->offset == intake->offset;
    }
    if (intake->has_last && portion->window == intake->last) {
        *expected = window_bytes;
        return false;
    }
    *expected = 0;
    if (portion->offset != 0)
        return false;
    return true;
}

int32_t oto_intake_take(oto_intake *intake, oto_runner *runner, const oto_portion *portion,
                        uint32_t *expected) {
    const uint32_t window_bytes = 2 * runner->model->window_samples;
    if (!fits_now(intake, runner, portion, expected))
        return 0;
    if (portion->length == 0 || portion->length % 2 != 0 ||
        portion->length > window_bytes - portion->offset)
        return OTO_INTAKE_INVALID;
    const bool last = portion->offset + portion->length == window_bytes;
    if (last && !portion->has_crc)
        return OTO_INTAKE_INVALID;
    if (portion->offset == 0) {
        oto_intake_abandon(intake);
        intake->active = true;
        intake->window = portion->window;
        intake->offset = 0;
        intake->crc = 0;
        oto_runner_start_window(runner);
    }
    feed(runner, portion->bytes, portion->length);
    intake->crc = oto_crc32(intake->crc, portion->bytes, portion->length);
    intake->offset += portion->length;
    *expected = intake->offset;
    return last ? complete(intake, portion) : 0;
}
