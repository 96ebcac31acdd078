/* otolith's own SMP group, as protocol/VENDOR.md specifies it. */
#include "app.h"
#include "board.h"
#include "board_info.h"
#include "cbor.h"

#include <string.h>

enum { INFO = 0, AUDIO = 1, RESULTS = 2, BENCH = 3, STATS = 4, LABELS = 5 };

static const uint8_t no_hash[OTO_HASH_BYTES];

static bool put_model(zcbor_state_t *reply, const oto_model *model) {
    const bool has = model != NULL;
    return oto_smp_put_text(reply, "model", has ? model->name : "") &&
           oto_smp_put_text(reply, "kind", has ? model->kind : "") &&
           oto_smp_put_bytes(reply, "hash", has ? model->hash : no_hash, OTO_HASH_BYTES) &&
           oto_smp_put_uint(reply, "rate", has ? model->sample_rate : 0) &&
           oto_smp_put_uint(reply, "window", has ? model->window_samples : 0) &&
           oto_smp_put_uint(reply, "classes", has ? model->class_count : 0) &&
           oto_smp_put_uint(reply, "scale", has ? model->score_scale_q24 : 0) &&
           oto_smp_put_uint(reply, "arena", has ? model->arena_bytes : 0);
}

/* The application refuses what it can check by itself, the bootloader the rest. */
static const char *refused(const oto_app *app) {
    const oto_refusal here = app->images.refusal;
    return oto_refusal_text(here != OTO_REFUSAL_NONE ? here : app->boot.state.refusal);
}

static int32_t info(const oto_app *app, zcbor_state_t *reply) {
    const volatile oto_handover *handover = oto_board_handover();
    const oto_board_info board = {.mode = "app",
                                  .boot_version = app->identity.boot_version,
                                  .security_counter = handover->security_counter,
                                  .refused = refused(app)};
    return oto_smp_fits(oto_smp_put_board(reply, &board) &&
                        oto_smp_put_text(reply, "fw", app->identity.version) &&
                        oto_smp_put_uint(reply, "boots", app->identity.boots) &&
                        oto_smp_put_text(reply, "reset", app->identity.reset_cause) &&
                        put_model(reply, app->runner.model) &&
                        oto_smp_put_uint(reply, "stack", oto_board_stack_bytes()));
}

static int32_t audio(oto_app *app, const oto_smp_request *request, zcbor_state_t *reply) {
    oto_portion portion = {0};
    struct zcbor_string data = {0};
    bool has_window = false;
    bool has_offset = false;
    bool has_data = false;
    const oto_field fields[] = {{"win", OTO_FIELD_UINT, &portion.window, &has_window},
                                {"off", OTO_FIELD_UINT, &portion.offset, &has_offset},
                                {"data", OTO_FIELD_BYTES, &data, &has_data},
                                {"crc", OTO_FIELD_UINT, &portion.crc, &portion.has_crc}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 4) || !has_window ||
        !has_offset || !has_data)
        return OTO_SMP_INVALID;
    if (app->runner.model == NULL)
        return OTO_SMP_NO_ENTRY;
    if (app->intake.complete || (app->bench.asked && !app->bench.done))
        return OTO_SMP_BUSY;
    portion.bytes = data.value;
    portion.length = (uint32_t)data.len;
    uint32_t expected = 0;
    switch (oto_intake_take(&app->intake, &app->runner, &portion, &expected)) {
    case OTO_INTAKE_INVALID:
        return OTO_SMP_INVALID;
    case OTO_INTAKE_CORRUPT:
        return OTO_SMP_CORRUPT;
    default:
        return oto_smp_fits(oto_smp_put_uint(reply, "win", portion.window) &&
                            oto_smp_put_uint(reply, "off", expected));
    }
}

static bool put_inference(zcbor_state_t *reply, const oto_app *app,
                          const oto_inference *inference) {
    const uint32_t classes = app->runner.model->class_count;
    bool fits = oto_smp_put_uint(reply, "cls", inference->best) &&
                oto_smp_put_key(reply, "scores") && zcbor_list_start_encode(reply, classes);
    for (uint32_t i = 0; i < classes; i++)
        fits = fits && zcbor_int32_put(reply, inference->scores[i]);
    return fits && zcbor_list_end_encode(reply, classes) &&
           oto_smp_put_uint64(reply, "ticks", inference->ticks) &&
           oto_smp_put_uint(reply, "uj", inference->microjoules) &&
           oto_smp_put_text(reply, "src", oto_runner_energy_source()) &&
           oto_smp_put_uint(reply, "arena", inference->arena_used) &&
           oto_smp_put_uint(reply, "stack", inference->stack_used);
}

static bool put_record(zcbor_state_t *reply, const oto_app *app, uint32_t sequence) {
    const oto_record *record = oto_records_get(&app->records, sequence);
    return zcbor_map_start_encode(reply, 9) && oto_smp_put_uint(reply, "seq", sequence) &&
           oto_smp_put_uint(reply, "win", record->window) &&
           put_inference(reply, app, &record->inference) && zcbor_map_end_encode(reply, 9);
}

/* Bytes that the largest record of this model can take in CBOR. */
static uint32_t record_bytes(const oto_app *app) {
    return 128u + 5u * (app->runner.model == NULL ? 0u : app->runner.model->class_count);
}

static int32_t results(oto_app *app, const oto_smp_request *request, zcbor_state_t *reply) {
    uint32_t cursor = 0;
    uint32_t most = OTO_RECORD_COUNT;
    bool has_cursor = false;
    const oto_field fields[] = {{"seq", OTO_FIELD_UINT, &cursor, &has_cursor},
                                {"max", OTO_FIELD_UINT, &most, NULL}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 2) || !has_cursor)
        return OTO_SMP_INVALID;
    oto_records *records = &app->records;
    const uint32_t first = oto_records_first(records);
    bool fits = oto_smp_put_uint(reply, "boots", app->identity.boots) &&
                oto_smp_put_text(reply, "reset", app->identity.reset_cause) &&
                oto_smp_put_uint(reply, "first", first) &&
                oto_smp_put_uint(reply, "next", records->next) &&
                oto_smp_put_uint(reply, "lost", records->lost) &&
                oto_smp_put_uint(reply, "clk", OTO_TICK_HZ) &&
                oto_smp_put_text(reply, "unit", OTO_TICK_UNIT) && oto_smp_put_key(reply, "recs") &&
                zcbor_list_start_encode(reply, OTO_RECORD_COUNT);
    uint32_t sequence = cursor < first ? first : cursor;
    for (uint32_t sent = 0; fits && sent < most && sequence < records->next; sent++, sequence++) {
        if ((uint32_t)(reply->payload_end - reply->payload) < record_bytes(app))
            break;
        fits = put_record(reply, app, sequence);
        if (sequence > records->read)
            records->read = sequence;
    }
    return oto_smp_fits(fits && zcbor_list_end_encode(reply, OTO_RECORD_COUNT));
}

static int32_t bench(oto_app *app, const oto_smp_request *request, zcbor_state_t *reply) {
    oto_bench *state = &app->bench;
    uint32_t seed = 0;
    uint32_t run = 0;
    bool has_seed = false;
    bool has_run = false;
    const oto_field fields[] = {{"seed", OTO_FIELD_UINT, &seed, &has_seed},
                                {"run", OTO_FIELD_UINT, &run, &has_run}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 2) || !has_seed || !has_run)
        return OTO_SMP_INVALID;
    if (app->runner.model == NULL)
        return OTO_SMP_NO_ENTRY;
    const bool same = state->asked && state->seed == seed && state->run == run;
    if (!same && state->asked && !state->done)
        return OTO_SMP_BUSY;
    if (!same)
        *state = (oto_bench){.asked = true, .seed = seed, .run = run};
    if (!state->done)
        return oto_smp_fits(oto_smp_put_bool(reply, "done", false));
    return oto_smp_fits(
        oto_smp_put_bool(reply, "done", true) && oto_smp_put_uint(reply, "seed", seed) &&
        oto_smp_put_uint(reply, "run", run) &&
        oto_smp_put_bytes(reply, "hash", app->runner.model->hash, OTO_HASH_BYTES) &&
        put_inference(reply, app, &state->result) && oto_smp_put_uint(reply, "clk", OTO_TICK_HZ) &&
        oto_smp_put_text(reply, "unit", OTO_TICK_UNIT));
}

static int32_t stats(const oto_app *app, zcbor_state_t *reply) {
    return oto_smp_fits(oto_smp_put_uint(reply, "up", oto_board_milliseconds() / 1000u) &&
                        oto_smp_put_uint(reply, "boots", app->identity.boots) &&
                        oto_smp_put_uint(reply, "rx", oto_board_uart_received()) &&
                        oto_smp_put_uint(reply, "rxover", oto_board_uart_overrun()) &&
                        oto_smp_put_uint(reply, "frames", app->packets) &&
                        oto_smp_put_uint(reply, "badcrc", app->console.bad_checksum) &&
                        oto_smp_put_uint(reply, "badfrm", app->console.bad_frame) &&
                        oto_smp_put_uint(reply, "badreq", app->server.errors) &&
                        oto_smp_put_uint(reply, "tx", app->server.answered) &&
                        oto_smp_put_uint(reply, "wins", app->intake.completed) &&
                        oto_smp_put_uint(reply, "wincrc", app->intake.corrupt) &&
                        oto_smp_put_uint(reply, "windrop", app->intake.abandoned) &&
                        oto_smp_put_uint(reply, "busy", app->server.busy) &&
                        oto_smp_put_uint(reply, "infer", app->runner.runs) &&
                        oto_smp_put_uint(reply, "lost", app->records.lost));
}

static int32_t labels(const oto_app *app, const oto_smp_request *request, zcbor_state_t *reply) {
    const oto_model *model = app->runner.model;
    uint32_t from = 0;
    bool has_from = false;
    const oto_field fields[] = {{"from", OTO_FIELD_UINT, &from, &has_from}};
    if (!oto_cbor_read(request->body, request->body_length, fields, 1) || !has_from)
        return OTO_SMP_INVALID;
    if (model == NULL)
        return OTO_SMP_NO_ENTRY;
    bool fits = oto_smp_put_uint(reply, "count", model->class_count) &&
                oto_smp_put_uint(reply, "from", from) && oto_smp_put_key(reply, "labels") &&
                zcbor_list_start_encode(reply, OTO_CLASSES_MAX);
    for (uint32_t i = from; fits && i < model->class_count; i++) {
        const size_t length = strlen(model->labels[i]);
        if ((size_t)(reply->payload_end - reply->payload) < length + 16)
            break;
        fits = zcbor_tstr_encode_ptr(reply, model->labels[i], length);
    }
    return oto_smp_fits(fits && zcbor_list_end_encode(reply, OTO_CLASSES_MAX));
}

int32_t oto_vendor_handle(void *context, const oto_smp_request *request, zcbor_state_t *reply) {
    oto_app *app = context;
    const bool writes = request->command == AUDIO || request->command == BENCH;
    if (request->op != (writes ? OTO_SMP_WRITE : OTO_SMP_READ))
        return OTO_SMP_NOT_SUPPORTED;
    switch (request->command) {
    case INFO:
        return info(app, reply);
    case AUDIO:
        return audio(app, request, reply);
    case RESULTS:
        return results(app, request, reply);
    case BENCH:
        return bench(app, request, reply);
    case STATS:
        return stats(app, reply);
    case LABELS:
        return labels(app, request, reply);
    default:
        return OTO_SMP_NOT_SUPPORTED;
    }
}
