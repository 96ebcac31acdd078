/* WebAssembly has instructions for these, and no C library to find them in. */
#ifndef OTO_WASM_STRING_H
#define OTO_WASM_STRING_H

#define memcpy __builtin_memcpy
#define memmove __builtin_memmove
#define memset __builtin_memset

#endif
