/* The application: everything a board does between two interrupts. */
#ifndef OTO_APP_H
#define OTO_APP_H

#include "bench.h"
#include "console.h"
#include "image_group.h"
#include "intake.h"
#include "os_group.h"
#include "records.h"

#define OTO_VENDOR_GROUP 0x6f74u
#define OTO_VERSION_BYTES 24u

/* Facts that do not change while it runs. */
typedef struct oto_identity {
    char version[OTO_VERSION_BYTES]; /* of the running image */
    char boot_version[OTO_VERSION_BYTES];
    uint32_t boots;
    const char *reset_cause;
} oto_identity;

typedef struct oto_app {
    oto_identity identity;
    oto_boot boot;
    oto_os os;
    oto_images images;
    oto_runner runner;
    oto_intake intake;
    oto_bench bench;
    oto_records records;
    oto_smp_group groups[3];
    oto_smp_server server;
    oto_console console;
    uint32_t packets; /* good ones received */
    uint8_t packet[OTO_SMP_BUFFER_BYTES + 4];
    uint8_t reply[OTO_SMP_BUFFER_BYTES];
} oto_app;

/* Sets up `app` around a flash, a model (NULL for none) and the RAM for its arena. */
void oto_app_begin(oto_app *app, const oto_flash *flash, const oto_model *model, uint8_t *arena,
                   uint32_t arena_bytes);

/* Takes one received byte; answers through `sink` when it completed a request. */
void oto_app_receive(oto_app *app, uint8_t byte, oto_console_sink sink);

/* Runs what has been queued: the end of an inference, or a bench. True when there was something to
 * do. */
bool oto_app_work(oto_app *app);

/* Handler of the vendor group; `context` is the app. */
int32_t oto_vendor_handle(void *context, const oto_smp_request *request, zcbor_state_t *reply);

#endif
