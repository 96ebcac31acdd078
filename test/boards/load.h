/* Files that test programs are given. */
#ifndef OTO_TEST_LOAD_H
#define OTO_TEST_LOAD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Reads a file; returns how many bytes fitted. Ends the program where there is none. */
static inline uint32_t load(const char *path, uint8_t *bytes, uint32_t capacity) {
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        exit(2);
    const size_t length = fread(bytes, 1, capacity, in);
    (void)fclose(in);
    return (uint32_t)length;
}

#endif
