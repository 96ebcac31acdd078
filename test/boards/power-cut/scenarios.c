#include "scenarios.h"

#include <string.h>

static void begin_blank(uint32_t age) {
    (void)age;
    memset(sim.memory.bytes, 0xff, sim.memory.size);
}

/* Each start writes to the boot state's log: it fills at other moments after more of them. */
static void begin_old(uint32_t age) {
    begin_blank(age);
    install_old();
    for (uint32_t i = 0; i <= age; i++)
        if (start() != RUNS_OLD)
            broken("the old image does not run");
}

static void begin_asked(uint32_t age, bool permanent) {
    begin_old(age);
    upload(sim.new_image);
    request(permanent);
}

static void begin_requested(uint32_t age) {
    begin_asked(age, false);
}

static void begin_requested_for_good(uint32_t age) {
    begin_asked(age, true);
}

/* A bit of the upload falls over after the application has looked at it. */
static void begin_refused(uint32_t age) {
    begin_requested(age);
    sim.memory.bytes[sim.sector_bytes * (sim.slot_sectors + 1) + 100] ^= 1u;
}

static void begin_on_trial(uint32_t age) {
    begin_requested(age);
    if (start() != RUNS_NEW)
        broken("the new image does not run");
}

static void begin_confirmed(uint32_t age) {
    begin_on_trial(age);
    confirm();
    if (start() != RUNS_NEW)
        broken("the confirmed image does not run");
}

static void begin_way_back(uint32_t age) {
    begin_asked(age, false);
    if (start() != RUNS_NEW || start() != RUNS_OLD)
        broken("the new image does not go back");
}

static void act_start(void) {
    (void)start();
}

static void act_upload_and_request(void) {
    upload(sim.new_image);
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
           (!sim.acknowledged && old_at_once(first, second, third));
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
           (!sim.acknowledged && old_in_the_end(first, second, third));
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

const scenario scenarios[] = {
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

const uint32_t scenario_count = sizeof scenarios / sizeof scenarios[0];
