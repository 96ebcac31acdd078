#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UPLOAD_CHUNK 301u

simulation sim;

_Noreturn void broken(const char *what) {
    (void)printf("BROKEN: %s\n", what);
    exit(1);
}

file load(const char *path) {
    FILE *in = fopen(path, "rb");
    if (in == NULL || fseek(in, 0, SEEK_END) != 0)
        broken(path);
    const long length = ftell(in);
    uint8_t *bytes = malloc((size_t)length);
    rewind(in);
    if (bytes == NULL || fread(bytes, 1, (size_t)length, in) != (size_t)length)
        broken(path);
    (void)fclose(in);
    return (file){bytes, (uint32_t)length};
}

static oto_boot board(void) {
    const uint32_t slot = sim.sector_bytes * sim.slot_sectors;
    return (oto_boot){
        .flash = &sim.flash,
        .layout = {.slot0 = 0, .slot1 = slot, .slot_bytes = slot, .state = 2 * slot},
        .trust = {.verify = oto_ed25519_verify,
                  .public_key = sim.key.bytes,
                  .board_id = "simulated",
                  .header_bytes = 32},
    };
}

runs start(void) {
    oto_boot boot = board();
    oto_image image;
    if (oto_boot_decide(&boot, &image) != OTO_OK)
        return RUNS_NOTHING;
    if (image.bytes == sim.old_image.length &&
        memcmp(sim.memory.bytes, sim.old_image.bytes, sim.old_image.length) == 0)
        return RUNS_OLD;
    if (image.bytes == sim.new_image.length &&
        memcmp(sim.memory.bytes, sim.new_image.bytes, sim.new_image.length) == 0)
        return RUNS_NEW;
    broken("an image was started that nobody made");
}

oto_boot application(void) {
    oto_boot boot = board();
    boot.trust.verify = NULL;
    if (oto_state_load(&sim.flash, boot.layout.state, &boot.state) != OTO_OK)
        broken("the boot state cannot be read");
    return boot;
}

static void add_all(oto_upload *upload, file image) {
    for (uint32_t at = 0; at < image.length; at += UPLOAD_CHUNK) {
        const uint32_t left = image.length - at;
        if (oto_upload_add(upload, image.bytes + at, left < UPLOAD_CHUNK ? left : UPLOAD_CHUNK) < 0)
            broken("an upload failed");
    }
}

void upload(file image) {
    const oto_boot boot = application();
    oto_upload state;
    if (oto_slots_begin_upload(&boot, image.length, &state) != OTO_OK)
        broken("an upload was refused");
    add_all(&state, image);
}

void request(bool permanent) {
    const oto_boot boot = application();
    if (oto_slots_request(&boot, permanent) != OTO_OK)
        broken("a request was refused");
    sim.acknowledged = true;
}

void install_old(void) {
    const oto_boot boot = board();
    oto_upload state;
    if (sim.flash.erase(sim.flash.context, boot.layout.slot_bytes - sim.sector_bytes) < 0)
        broken("an erase failed");
    oto_upload_begin(&state, &sim.flash, boot.layout.slot0, sim.old_image.length);
    add_all(&state, sim.old_image);
}

void confirm(void) {
    const oto_boot boot = application();
    if (oto_slots_confirm(&boot) != OTO_OK)
        broken("a confirmation was refused");
    sim.acknowledged = true;
}
