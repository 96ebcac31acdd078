#include "board_info.h"
#include "board.h"

#define PROTOCOL_VERSION 1u

bool oto_smp_put_board(zcbor_state_t *reply, const oto_board_info *info) {
    return oto_smp_put_uint(reply, "v", PROTOCOL_VERSION) &&
           oto_smp_put_text(reply, "mode", info->mode) &&
           oto_smp_put_text(reply, "board", OTO_BOARD_ID) &&
           oto_smp_put_text(reply, "core", OTO_BOARD_CORE) &&
           oto_smp_put_text(reply, "sn", oto_board_serial()) &&
           oto_smp_put_uint(reply, "clk", OTO_TICK_HZ) &&
           oto_smp_put_text(reply, "unit", OTO_TICK_UNIT) &&
           oto_smp_put_uint(reply, "buf", OTO_SMP_BUFFER_BYTES) &&
           oto_smp_put_text(reply, "boot", info->boot_version) &&
           oto_smp_put_uint(reply, "ctr", info->security_counter) &&
           oto_smp_put_text(reply, "refused", info->refused);
}
