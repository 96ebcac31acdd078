/* The models linked into a program that runs several: a table the compiler generates. */
#ifndef OTO_MODELS_H
#define OTO_MODELS_H

#include "oto_model.h"

extern const oto_model *const oto_models[];
extern const uint32_t oto_model_count;

#endif
