/* The bootloader's program: decide, then start the image under a watchdog, or recover. */
#include "board.h"
#include "boot.h"
#include "recovery.h"

/* Compiled in: 32 bytes as a list, e.g. -DOTO_BOOT_KEY={0x01,...}. */
static const uint8_t public_key[OTO_KEY_BYTES] = OTO_BOOT_KEY;

#define BOOT_VERSION_NUMBER 0x010000u

static oto_boot boot = {
    .flash = &oto_board_flash,
    .layout = {.slot0 = OTO_SLOT0,
               .slot1 = OTO_SLOT1,
               .slot_bytes = OTO_SLOT_BYTES,
               .state = OTO_STATE},
    .trust = {.verify = oto_ed25519_verify,
              .public_key = public_key,
              .board_id = OTO_BOARD_ID,
              .header_bytes = OTO_IMAGE_HEADER_BYTES},
};

/* The first two words of a vector table are a stack in RAM and an entry within the image. */
static bool is_startable(const oto_image *image) {
    uint32_t words[2] = {0};
    const uint32_t body = image->address + image->header_bytes;
    if (image->body_bytes < sizeof words ||
        boot.flash->read(boot.flash->context, body, words, sizeof words) < 0)
        return false;
    const uint32_t entry = words[1] - OTO_FLASH_ORIGIN;
    return entry >= body && entry < body + image->body_bytes && (words[1] & 1u) == 1u;
}

int main(void) {
    oto_image image;
    oto_board_start();
    const int32_t error = oto_boot_decide(&boot, &image);
    volatile oto_handover *handover = oto_board_handover();
    handover->boots = boot.state.boots;
    handover->security_counter = boot.state.security_counter;
    handover->boot_version = BOOT_VERSION_NUMBER;
    if (error != OTO_OK)
        oto_recover(&boot, error);
    if (!is_startable(&image))
        oto_recover(&boot, OTO_IMAGE_ENTRY);
    oto_board_watchdog_start(OTO_WATCHDOG_MS);
    /* The image asks for the cause again, and must hear the same. */
    handover->next_cause = (uint32_t)oto_board_reset_cause();
    oto_board_stop();
    oto_board_jump(OTO_FLASH_ORIGIN + image.address + image.header_bytes);
}
