/* The application on a host: a RAM flash that holds one running image, and the model it is linked
 * with. */
#ifndef OTO_TEST_SMP_HOST_H
#define OTO_TEST_SMP_HOST_H

#include "app.h"

/* A fresh board whose slot 0 holds `image`. */
void host_begin(oto_app *app, const uint8_t *image, uint32_t length);
/* Draws from a fixed sequence (xorshift32). */
uint32_t host_random(void);
void host_seed(uint32_t seed);
/* Feeds frames that are more or less wrong, and asks a right question after each thousand; exits 1
 * on no answer. */
void host_fuzz(oto_app *app, uint32_t frames);

#endif
