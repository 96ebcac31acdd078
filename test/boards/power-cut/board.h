/* A board of the simulator: flash that loses power, and what its bootloader and application do. */
#ifndef OTO_TEST_BOARD_H
#define OTO_TEST_BOARD_H

#include "nor.h"
#include "slots.h"

typedef struct file {
    uint8_t *bytes;
    uint32_t length;
} file;

/* What one start of the board led to. */
typedef enum runs { RUNS_NOTHING, RUNS_OLD, RUNS_NEW } runs;

typedef struct simulation {
    file key, old_image, new_image;
    uint32_t sector_bytes, slot_sectors;
    nor memory;
    oto_flash flash;
    /* The application was told that its request or confirmation stands. */
    volatile bool acknowledged;
} simulation;

extern simulation sim;

/* Says which promise is broken and ends the program. */
_Noreturn void broken(const char *what);

file load(const char *path);

/* Starts the board once; what it runs must be one of the two images, byte for byte. */
runs start(void);

/* What the application sees of the boot state. */
oto_boot application(void);

void upload(file image);
void request(bool permanent);
void confirm(void);

/* As serial recovery does it: straight into slot 0. */
void install_old(void);

#endif
