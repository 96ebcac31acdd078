#include "records.h"

#include <string.h>

void oto_records_begin(oto_records *records) {
    memset(records, 0, sizeof *records);
    records->next = 1;
}

uint32_t oto_records_first(const oto_records *records) {
    return records->next > OTO_RECORD_COUNT ? records->next - OTO_RECORD_COUNT : 1;
}

void oto_records_add(oto_records *records, uint32_t window, const oto_inference *inference) {
    const uint32_t first = oto_records_first(records);
    if (records->next - first == OTO_RECORD_COUNT && first > records->read)
        records->lost++;
    oto_record *record = &records->ring[records->next % OTO_RECORD_COUNT];
    record->window = window;
    record->inference = *inference;
    records->next++;
}

const oto_record *oto_records_get(const oto_records *records, uint32_t sequence) {
    return &records->ring[sequence % OTO_RECORD_COUNT];
}
