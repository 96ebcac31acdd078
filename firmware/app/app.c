#include "app.h"
#include "board.h"

#include <string.h>

/* In the order of oto_reset_cause. */
static const char *const reset_causes[] = {"power-on", "pin",   "software",
                                           "watchdog", "fault", "unknown"};

static void learn_identity(oto_app *app) {
    const volatile oto_handover *handover = oto_board_handover();
    const uint32_t boot = handover->boot_version;
    oto_slot running;
    oto_slots_look(&app->boot, 0, &running);
    oto_version_text(running.image.version, app->identity.version);
    oto_version_text((oto_version){.major = (uint8_t)(boot >> 16),
                                   .minor = (uint8_t)(boot >> 8),
                                   .revision = (uint16_t)(boot & 0xffu)},
                     app->identity.boot_version);
    app->identity.boots = handover->boots;
    const uint32_t cause = (uint32_t)oto_board_reset_cause();
    app->identity.reset_cause =
        reset_causes[cause <= OTO_RESET_UNKNOWN ? cause : OTO_RESET_UNKNOWN];
}

void oto_app_begin(oto_app *app, const oto_flash *flash, const oto_model *model, uint8_t *arena,
                   uint32_t arena_bytes) {
    memset(app, 0, sizeof *app);
    app->boot = (oto_boot){
        .flash = flash,
        .layout = {.slot0 = OTO_SLOT0,
                   .slot1 = OTO_SLOT1,
                   .slot_bytes = OTO_SLOT_BYTES,
                   .state = OTO_STATE},
        /* The signature is the bootloader's matter: the key and its code are not linked here. */
        .trust = {.board_id = OTO_BOARD_ID, .header_bytes = OTO_IMAGE_HEADER_BYTES}};
    (void)oto_state_load(flash, OTO_STATE, &app->boot.state);
    learn_identity(app);
    app->os = (oto_os){.board_id = OTO_BOARD_ID,
                       .core = OTO_BOARD_CORE,
                       .version = app->identity.version,
                       .buffer_bytes = OTO_SMP_BUFFER_BYTES,
                       .buffer_count = OTO_SMP_BUFFER_COUNT};
    app->images.boot = &app->boot;
    oto_runner_begin(&app->runner, model, arena, arena_bytes);
    oto_records_begin(&app->records);
    app->groups[0] = (oto_smp_group){OTO_OS_GROUP, oto_os_handle, &app->os};
    app->groups[1] = (oto_smp_group){OTO_IMAGE_GROUP, oto_image_handle, &app->images};
    app->groups[2] = (oto_smp_group){OTO_VENDOR_GROUP, oto_vendor_handle, app};
    app->server = (oto_smp_server){.groups = app->groups, .group_count = 3};
    oto_console_begin(&app->console, app->packet, OTO_SMP_BUFFER_BYTES);
}

void oto_app_receive(oto_app *app, uint8_t byte, oto_console_sink sink) {
    const uint32_t length = oto_console_receive(&app->console, byte);
    if (length == 0)
        return;
    app->packets++;
    const uint32_t answered = oto_smp_answer(&app->server, oto_console_packet(&app->console),
                                             length, app->reply, sizeof app->reply);
    if (answered > 0)
        (void)oto_console_send(app->reply, answered, sink);
}

bool oto_app_work(oto_app *app) {
    if (app->intake.complete) {
        oto_inference inference;
        oto_runner_finish(&app->runner, &inference);
        app->intake.complete = false;
        oto_records_add(&app->records, app->intake.last, &inference);
        return true;
    }
    if (app->bench.asked && !app->bench.done) {
        oto_intake_abandon(&app->intake);
        oto_bench_run(&app->bench, &app->runner);
        return true;
    }
    return false;
}
