/* In a module: what it says is read from its memory. */
#include "kernels.h"

#define EXPORT(name) __attribute__((export_name(#name)))

static char text[65536];
static uint32_t length;

void kernels_text(const char *more) {
    while (*more != '\0' && length + 1 < sizeof text)
        text[length++] = *more++;
}

EXPORT(run) const char *run_all(void);
const char *run_all(void) {
    kernels_run();
    text[length] = '\0';
    return text;
}
