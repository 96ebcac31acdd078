/* What a board is doing when power is lost, and what may run afterwards. */
#ifndef OTO_TEST_SCENARIOS_H
#define OTO_TEST_SCENARIOS_H

#include "board.h"

typedef struct scenario {
    const char *name;
    /* Brings the board, which has been started `age` times and once before, to where it begins. */
    void (*prepare)(uint32_t age);
    void (*act)(void);
    /* Which images may run at the next starts. */
    bool (*holds)(runs first, runs second, runs third);
} scenario;

extern const scenario scenarios[];
extern const uint32_t scenario_count;

#endif
