#include "state.h"
#include "crc32.h"

#include <string.h>

#define RECORD_MAGIC 0x736f746fu
/* A place that does not take its record is skipped for the next one. */
#define SAVE_TRIES 3u

static void put32(uint8_t *at, uint32_t value) {
    for (uint32_t i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void encode(const oto_state *state, uint8_t record[OTO_STATE_RECORD_BYTES]) {
    put32(record, RECORD_MAGIC);
    put32(record + 4, state->sequence);
    record[8] = state->swapping ? 1 : 0;
    record[9] = state->kind;
    record[10] = state->direction;
    record[11] = state->refusal;
    put32(record + 12, state->sectors);
    put32(record + 16, state->step);
    put32(record + 20, state->security_counter);
    put32(record + 24, state->boots);
    put32(record + 28, oto_crc32(0, record, 28));
}

static bool decode(const uint8_t record[OTO_STATE_RECORD_BYTES], oto_state *state) {
    if (get32(record) != RECORD_MAGIC || get32(record + 28) != oto_crc32(0, record, 28))
        return false;
    *state = (oto_state){
        .sequence = get32(record + 4),
        .swapping = record[8] != 0,
        .kind = record[9],
        .direction = record[10],
        .sectors = get32(record + 12),
        .step = get32(record + 16),
        .security_counter = get32(record + 20),
        .boots = get32(record + 24),
        .refusal = record[11],
    };
    return true;
}

static bool is_blank(const uint8_t record[OTO_STATE_RECORD_BYTES]) {
    for (uint32_t i = 0; i < OTO_STATE_RECORD_BYTES; i++)
        if (record[i] != 0xff)
            return false;
    return true;
}

/* What a scan of both sectors found. */
typedef struct scan {
    oto_state newest;
    bool found;
    uint32_t sector;        /* 0 or 1: where the newest record lies */
    uint32_t free_place[2]; /* first place of each sector behind which all is blank */
} scan;

static int32_t scan_log(const oto_flash *flash, uint32_t address, scan *log) {
    const uint32_t places = flash->sector_bytes / OTO_STATE_RECORD_BYTES;
    memset(log, 0, sizeof *log);
    for (uint32_t i = 0; i < 2 * places; i++) {
        uint8_t record[OTO_STATE_RECORD_BYTES];
        oto_state state;
        const int32_t error = flash->read(flash->context, address + i * OTO_STATE_RECORD_BYTES,
                                          record, sizeof record);
        if (error < 0)
            return error;
        if (!is_blank(record))
            log->free_place[i / places] = i % places + 1;
        if (decode(record, &state) && (!log->found || state.sequence > log->newest.sequence)) {
            log->newest = state;
            log->found = true;
            log->sector = i / places;
        }
    }
    return OTO_OK;
}

int32_t oto_state_load(const oto_flash *flash, uint32_t address, oto_state *state) {
    scan log;
    const int32_t error = scan_log(flash, address, &log);
    *state = log.newest;
    return error;
}

static int32_t append(const oto_flash *flash, uint32_t at, const uint8_t *record) {
    uint8_t back[OTO_STATE_RECORD_BYTES];
    int32_t error = flash->program(flash->context, at, record, OTO_STATE_RECORD_BYTES);
    if (error == OTO_OK)
        error = flash->read(flash->context, at, back, sizeof back);
    if (error == OTO_OK && memcmp(back, record, sizeof back) != 0)
        error = OTO_FLASH_VERIFY;
    return error;
}

/* Appends at the next free place, in the other sector when this one is full. */
static int32_t save_once(const oto_flash *flash, uint32_t address, oto_state *state) {
    const uint32_t places = flash->sector_bytes / OTO_STATE_RECORD_BYTES;
    uint8_t record[OTO_STATE_RECORD_BYTES];
    scan log;
    int32_t error = scan_log(flash, address, &log);
    if (error < 0)
        return error;
    state->sequence = log.newest.sequence + 1;
    encode(state, record);
    uint32_t sector = log.sector;
    if (log.free_place[sector] == places) {
        sector = 1 - sector;
        /*
         * Erased even when it looks blank: an interrupted erase can read as 0xff and still hold
         * cells that are not quite.
         */
        error = flash->erase(flash->context, address + sector * flash->sector_bytes);
        if (error < 0)
            return error;
        log.free_place[sector] = 0;
    }
    return append(flash,
                  address + sector * flash->sector_bytes +
                      log.free_place[sector] * OTO_STATE_RECORD_BYTES,
                  record);
}

int32_t oto_state_save(const oto_flash *flash, uint32_t address, oto_state *state) {
    int32_t error = save_once(flash, address, state);
    for (uint32_t i = 1; i < SAVE_TRIES && error == OTO_FLASH_VERIFY; i++)
        error = save_once(flash, address, state);
    return error;
}
