/*
 * Cuts power at every flash operation of every scenario, in every way, and again at every operation
 * of the recovery; then looks at what the board does. Arguments: public key, old image, new image,
 * sector bytes, sectors per slot, stride of the second cuts (0 for none). Prints one line per
 * scenario; exits 1 at the first promise broken.
 */
#include "nor.h"
#include "slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITE_BYTES 8u
#define UPLOAD_CHUNK 301u
#define OPERATIONS_MAX 100000u

typedef struct file {
    uint8_t *bytes;
    uint32_t length;
} file;

static file key, old_image, new_image;
static uint32_t sector_bytes, slot_sectors;
static uint32_t
    age; /* starts before the scenario, so that the boot state's log fills at other moments */
static nor flash_memory;
static oto_flash flash;
static volatile bool
    acknowledged; /* the application was told that its request or confirmation stands */

typedef enum runs { RUNS_NOTHING, RUNS_OLD, RUNS_NEW } runs;

/* Which images may run after power was lost in a scenario, and from the next start on. */
typedef struct scenario {
    const char *name;
    void (*prepare)(void);
    void (*act)(void);
    bool (*holds)(runs first, runs second, runs third);
} scenario;

static _Noreturn void broken(const char *what) {
    (void)printf("BROKEN: %s\n", what);
    exit(1);
}

static file load(const char *path) {
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
    const uint32_t slot = sector_bytes * slot_sectors;
    return (oto_boot){
        .flash = &flash,
        .layout = {.slot0 = 0, .slot1 = slot, .slot_bytes = slot, .state = 2 * slot},
        .trust = {.verify = oto_ed25519_verify,
                  .public_key = key.bytes,
                  .board_id = "simulated",
                  .header_bytes = 32},
    };
}

/* Starts the board once; what it runs must be one of the two images, byte for byte. */
static runs start(void) {
    oto_boot boot = board();
    oto_image image;
    if (oto_boot_decide(&boot, &image) != OTO_OK)
        return RUNS_NOTHING;
    if (image.bytes == old_image.length &&
        memcmp(flash_memory.bytes, old_image.bytes, old_image.length) == 0)
        return RUNS_OLD;
    if (image.bytes == new_image.length &&
        memcmp(flash_memory.bytes, new_image.bytes, new_image.length) == 0)
        return RUNS_NEW;
    broken("an image was started that nobody made");
}

static oto_boot application(void) {
    oto_boot boot = board();
    boot.trust.verify = NULL;
    if (oto_state_load(&flash, boot.layout.state, &boot.state) != OTO_OK)
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

static void upload(file image) {
    const oto_boot boot = application();
    oto_upload state;
    if (oto_slots_begin_upload(&boot, image.length, &state) != OTO_OK)
        broken("an upload was refused");
    add_all(&state, image);
}

static void request(bool permanent) {
    const oto_boot boot = application();
    if (oto_slots_request(&boot, permanent) != OTO_OK)
        broken("a request was refused");
    acknowledged = true;
}

/* As serial recovery does it: straight into slot 0. */
static void install_old(void) {
    const oto_boot boot = board();
    oto_upload state;
    if (flash.erase(flash.context, boot.layout.slot_bytes - sector_bytes) < 0)
        broken("an erase failed");
    oto_upload_begin(&state, &flash, boot.layout.slot0, old_image.length);
    add_all(&state, old_image);
}

static void confirm(void) {
    const oto_boot boot = application();
    if (oto_slots_confirm(&boot) != OTO_OK)
        broken("a confirmation was refused");
    acknowledged = true;
}

static void begin_blank(void) {
    memset(flash_memory.bytes, 0xff, flash_memory.size);
}

static void begin_old(void) {
    begin_blank();
    install_old();
    for (uint32_t i = 0; i <= age; i++)
        if (start() != RUNS_OLD)
            broken("the old image does not run");
}

static void begin_requested(void) {
    begin_old();
    upload(new_image);
    request(false);
}

static void begin_requested_for_good(void) {
    begin_old();
    upload(new_image);
    request(true);
}

/* A bit of the upload falls over after the application has looked at it. */
static void begin_refused(void) {
    begin_requested();
    flash_memory.bytes[sector_bytes * (slot_sectors + 1) + 100] ^= 1u;
}

static void begin_on_trial(void) {
    begin_requested();
    if (start() != RUNS_NEW)
        broken("the new image does not run");
}

static void begin_confirmed(void) {
    begin_on_trial();
    confirm();
    if (start() != RUNS_NEW)
        broken("the confirmed image does not run");
}

static void begin_way_back(void) {
    begin_old();
    upload(new_image);
    request(false);
    if (start() != RUNS_NEW || start() != RUNS_OLD)
        broken("the new image does not go back");
}

static void act_start(void) {
    (void)start();
}

static void act_upload_and_request(void) {
    upload(new_image);
    request(false);
}

static void act_confirm_and_start(void) {
    confirm();
    (void)start();
}

static void act_confirm_for_good_and_start(void) {
    request(true);
    (void)start();
}

/* The new image may run once, on trial; whoever does not confirm it has the old one afterwards. */
static bool old_in_the_end(runs first, runs second, runs third) {
    return first != RUNS_NOTHING && second == RUNS_OLD && third == RUNS_OLD;
}

static bool old_at_once(runs first, runs second, runs third) {
    return first == RUNS_OLD && second == RUNS_OLD && third == RUNS_OLD;
}

static bool new_at_once(runs first, runs second, runs third) {
    return first == RUNS_NEW && second == RUNS_NEW && third == RUNS_NEW;
}

static bool confirmed_if_acknowledged(runs first, runs second, runs third) {
    return new_at_once(first, second, third) ||
           (!acknowledged && old_at_once(first, second, third));
}

/* The old image runs whatever is known of the refusal, which is the right reason or none. */
static bool old_and_perhaps_why(runs first, runs second, runs third) {
    const oto_refusal refusal = application().state.refusal;
    return old_at_once(first, second, third) &&
           (refusal == OTO_REFUSAL_NONE || refusal == oto_refusal_of(OTO_IMAGE_HASH));
}

/* A request that was interrupted may stand or not, but not half. */
static bool new_or_old_for_good(runs first, runs second, runs third) {
    return new_at_once(first, second, third) ||
           (!acknowledged && old_in_the_end(first, second, third));
}

/* Nothing to start is right while the only image is incomplete, if serial recovery then works. */
static bool recoverable(runs first, runs second, runs third) {
    if (first == RUNS_OLD)
        return second == RUNS_OLD && third == RUNS_OLD;
    if (first != RUNS_NOTHING)
        return false;
    install_old();
    return start() == RUNS_OLD;
}

static const scenario scenarios[] = {
    {"upgrade", begin_requested, act_start, old_in_the_end},
    {"upgrade for good", begin_requested_for_good, act_start, new_at_once},
    {"refusal", begin_refused, act_start, old_and_perhaps_why},
    {"revert", begin_on_trial, act_start, old_at_once},
    {"confirm", begin_on_trial, act_confirm_and_start, confirmed_if_acknowledged},
    {"start of a confirmed image", begin_confirmed, act_start, new_at_once},
    {"upload and request", begin_old, act_upload_and_request, old_in_the_end},
    {"upload over a rejected image", begin_way_back, act_upload_and_request, old_in_the_end},
    {"request for good", begin_requested, act_confirm_for_good_and_start, new_or_old_for_good},
    {"serial recovery", begin_blank, install_old, recoverable},
};

static uint8_t *snapshot;

static void restore(const uint8_t *from) {
    memcpy(flash_memory.bytes, from, flash_memory.size);
}

/* Runs `work` until it ends or power fails at operation `cut`; true when it failed. */
static bool interrupted(void (*work)(void), uint32_t cut, enum cut_mode mode) {
    jmp_buf lost;
    nor_arm(&flash_memory, cut, mode, &lost);
    const bool cut_short = setjmp(lost) != 0;
    if (!cut_short)
        work();
    nor_arm(&flash_memory, 0, CUT_NOT_DONE, NULL);
    return cut_short;
}

static void judge(const scenario *which, uint32_t cut, enum cut_mode mode, uint32_t second) {
    const runs first = start();
    const runs next = start();
    const runs last = start();
    if (which->holds(first, next, last))
        return;
    (void)printf("%s, cut %u mode %d, second cut %u: runs %d, %d, %d; acknowledged %d\n",
                 which->name, cut, (int)mode, second, (int)first, (int)next, (int)last,
                 (int)acknowledged);
    broken(which->name);
}

/* Cuts the recovery as well, at each of its operations; returns how many trials that took. */
static uint32_t cut_recovery(const scenario *which, uint32_t cut, enum cut_mode mode,
                             const uint8_t *after_first, uint32_t stride) {
    uint32_t trials = 0;
    for (uint32_t second = 1 + cut % stride;; second += stride) {
        restore(after_first);
        const enum cut_mode how = (enum cut_mode)((second + cut + (uint32_t)mode) % CUT_MODES);
        if (!interrupted(act_start, second, how))
            return trials;
        judge(which, cut, mode, second);
        trials++;
    }
}

static void run(const scenario *which, uint32_t starts, uint32_t stride, uint32_t *points,
                uint32_t *trials) {
    uint8_t *after_first = malloc(flash_memory.size);
    uint32_t own_points = 0;
    uint32_t own_trials = 0;
    age = starts;
    which->prepare();
    memcpy(snapshot, flash_memory.bytes, flash_memory.size);
    for (uint32_t cut = 1; cut < OPERATIONS_MAX; cut++) {
        bool reached = false;
        for (int mode = 0; mode < CUT_MODES; mode++) {
            restore(snapshot);
            acknowledged = false;
            if (!interrupted(which->act, cut, (enum cut_mode)mode))
                break;
            reached = true;
            memcpy(after_first, flash_memory.bytes, flash_memory.size);
            judge(which, cut, (enum cut_mode)mode, 0);
            own_trials++;
            if (stride > 0)
                own_trials += cut_recovery(which, cut, (enum cut_mode)mode, after_first, stride);
        }
        if (!reached)
            break;
        own_points++;
    }
    free(after_first);
    (void)printf("%s (after %u starts): %u cut points, %u trials\n", which->name, starts + 1,
                 own_points, own_trials);
    *points += own_points;
    *trials += own_trials;
}

int main(int argc, char **argv) {
    if (argc != 7)
        broken("six arguments are needed");
    key = load(argv[1]);
    old_image = load(argv[2]);
    new_image = load(argv[3]);
    sector_bytes = (uint32_t)strtoul(argv[4], NULL, 10);
    slot_sectors = (uint32_t)strtoul(argv[5], NULL, 10);
    const uint32_t stride = (uint32_t)strtoul(argv[6], NULL, 10);
    flash_memory.size = sector_bytes * (2 * slot_sectors + 2);
    flash_memory.bytes = malloc(flash_memory.size);
    flash_memory.random = 0x6f746f6c;
    snapshot = malloc(flash_memory.size);
    flash = nor_interface(&flash_memory, sector_bytes, WRITE_BYTES);
    uint32_t points = 0;
    uint32_t trials = 0;
    for (uint32_t starts = 0; starts <= 10; starts += 5)
        for (uint32_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
            run(&scenarios[i], starts, stride, &points, &trials);
    (void)printf("total: %u cut points, %u trials, 0 bricks, 0 wrong images, 0 confirmed lost\n",
                 points, trials);
    return 0;
}
