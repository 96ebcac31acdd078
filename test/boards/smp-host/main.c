/*
 * smp-host <image> [recovery]        answers requests on standard input until it ends
 * smp-host <image> <frames> <seed>   feeds itself that many wrong frames; as serial recovery when
 * the seed is even
 */
#include "../load.h"
#include "smp-host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static oto_app app;

static bool write_out(const uint8_t *bytes, uint32_t length) {
    return write(STDOUT_FILENO, bytes, length) == (ssize_t)length;
}

int main(int argc, char **argv) {
    static uint8_t image[65536];
    if (argc < 2)
        return 2;
    host_begin(&app, image, load(argv[1], image, sizeof image));
    if (argc == 4) {
        const uint32_t seed = (uint32_t)strtoul(argv[3], NULL, 10);
        host_seed(seed);
        app.images.recovery = seed % 2 == 0;
        host_fuzz(&app, (uint32_t)strtoul(argv[2], NULL, 10));
        return 0;
    }
    app.images.recovery = argc == 3 && strcmp(argv[2], "recovery") == 0;
    uint8_t bytes[4096];
    for (;;) {
        const ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
        if (count <= 0)
            return 0;
        for (ssize_t i = 0; i < count; i++)
            oto_app_receive(&app, bytes[i], write_out);
        while (oto_app_work(&app)) {
        }
    }
}
