/* The last inferences, kept until newer ones need the room. Read by sequence number
 * (protocol/VENDOR.md, results). */
#ifndef OTO_RECORDS_H
#define OTO_RECORDS_H

#include "runner.h"

typedef struct oto_record {
    uint32_t window;
    oto_inference inference;
} oto_record;

typedef struct oto_records {
    uint32_t next; /* sequence number of the next record; the first is 1 */
    uint32_t read; /* highest sequence number a client has been sent */
    uint32_t lost; /* records overwritten unread */
    oto_record ring[OTO_RECORD_COUNT];
} oto_records;

void oto_records_begin(oto_records *records);
/* Oldest sequence number still held; `next` when there is none. */
uint32_t oto_records_first(const oto_records *records);
void oto_records_add(oto_records *records, uint32_t window, const oto_inference *inference);
/* The record of a sequence number from first to next - 1. */
const oto_record *oto_records_get(const oto_records *records, uint32_t sequence);

#endif
