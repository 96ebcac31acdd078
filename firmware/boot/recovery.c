#include "recovery.h"
#include "board.h"
#include "board_info.h"
#include "console.h"
#include "image_group.h"
#include "os_group.h"
#include "version.h"

#define VENDOR_GROUP 0x6f74u

typedef struct recovery {
    const oto_boot *boot;
    oto_images images;
    int32_t fault; /* why nothing was started */
} recovery;

/* What the next start would say of slot 0, which may have been written since. */
static oto_refusal refusal_now(const recovery *state) {
    oto_image image;
    if (state->images.upload.total == 0)
        return oto_refusal_of(state->fault);
    return oto_refusal_of(oto_boot_check(state->boot, state->boot->layout.slot0, &image));
}

static int32_t vendor_handle(void *context, const oto_smp_request *request, zcbor_state_t *reply) {
    const recovery *state = context;
    if (request->command != 0 || request->op != OTO_SMP_READ)
        return OTO_SMP_NOT_SUPPORTED;
    const oto_board_info board = {.mode = "recovery",
                                  .boot_version = OTO_BOOT_VERSION,
                                  .security_counter = state->boot->state.security_counter,
                                  .refused = oto_refusal_text(refusal_now(state))};
    return oto_smp_fits(oto_smp_put_board(reply, &board));
}

_Noreturn void oto_recover(const oto_boot *boot, int32_t fault) {
    static uint8_t packet[OTO_SMP_BUFFER_BYTES + 4];
    static uint8_t reply[OTO_SMP_BUFFER_BYTES];
    static oto_console console;
    static recovery state;
    static oto_os os = {.board_id = OTO_BOARD_ID,
                        .core = OTO_BOARD_CORE,
                        .version = OTO_BOOT_VERSION,
                        .buffer_bytes = OTO_SMP_BUFFER_BYTES,
                        .buffer_count = OTO_SMP_BUFFER_COUNT};
    state.boot = boot;
    state.fault = fault;
    state.images.boot = boot;
    state.images.recovery = true;
    const oto_smp_group groups[] = {{OTO_OS_GROUP, oto_os_handle, &os},
                                    {OTO_IMAGE_GROUP, oto_image_handle, &state.images},
                                    {VENDOR_GROUP, vendor_handle, &state}};
    oto_smp_server server = {.groups = groups, .group_count = 3};
    oto_console_begin(&console, packet, OTO_SMP_BUFFER_BYTES);
    for (;;) {
        uint8_t byte;
        if (oto_board_uart_read(&byte, 1) == 0) {
            oto_board_idle();
            continue;
        }
        const uint32_t length = oto_console_receive(&console, byte);
        if (length == 0)
            continue;
        const uint32_t answered =
            oto_smp_answer(&server, oto_console_packet(&console), length, reply, sizeof reply);
        if (answered > 0)
            (void)oto_console_send(reply, answered, oto_board_uart_write);
        if (os.reset_asked) {
            oto_board_uart_flush();
            oto_board_reset(OTO_RESET_SOFTWARE);
        }
    }
}
