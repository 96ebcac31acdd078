import { targetName } from '../../build/target.ts';
import type { ExportContext } from './context.ts';

const RUNS_ON = {
  portable: 'any little-endian processor, with any C11 compiler; gcc and clang take it as C99 too',
  dsp: 'Cortex-M4, M7 and M33 (DSP extension), with arm-none-eabi-gcc',
  mve: 'Cortex-M55 (MVE), with arm-none-eabi-gcc',
  wasm: 'WebAssembly with SIMD',
} as const;

/** `README.md` of an export. */
export function readme(context: ExportContext): string {
  const { model, kind, kernels, emitted, id, macro, windowSamples, compiler, flags } = context;
  const { name, labels, sampleRate } = model.metadata;
  const board = context.target.kind === 'board';
  const target = targetName(context.target);
  return `# ${name}

A network that says which of ${labels.length} sounds a window of ${(windowSamples / sampleRate).toFixed(3)} s is, as C for ${target === 'portable' ? 'any target' : target}: ${kind},
integers only, no malloc, ${emitted.layout.arena.bytes} bytes of RAM and ${emitted.constantBytes} of constants. It runs on
${RUNS_ON[kernels]}.
Any other target ends the compilation with an error that says what to do.

| file | what it is |
|---|---|
| \`include/${id}.h\` | what a program includes: sizes, units, sample rate, labels, how to run it |
| \`src/model.c\` | the network; change the model, not this file |
| \`nn/\` | the kernels it is made of |
| \`example/main.c\` | windows from standard input to labels and scores |
| \`test/\` | known-answer test: three windows, and the scores of otolith's reference interpreter |
| \`flags.txt\` | compiler flags of the target |
| \`Makefile\`, \`CMakeLists.txt\`, \`zephyr/\` | builds; or compile \`src/model.c\` with \`-Iinclude -Inn\` by hand |
| \`otolith-export.json\` | hashes, by which \`otolith compile --export\` knows its own files again |

## Build

    ${board ? `make                                  # lib${id}.a with ${compiler}` : 'make test                             # builds; exit status 0: every score is right'}
    make ${board ? 'CFLAGS=-Og' : 'CC=clang CFLAGS=-Og'}                # ${board ? 'any level; processor flags stay' : 'any compiler and level'}
    cmake -B build${board ? ' -DCMAKE_TOOLCHAIN_FILE=...' : ' && cmake --build build && ctest --test-dir build'}
    west build ... -- -DZEPHYR_EXTRA_MODULES=$PWD   # and CONFIG_${macro}=y

Flags: \`${[...flags, '-std=c11 -O3'].join(' ')}\`. ${
    board
      ? 'Answers are the same at every level of optimisation; -O3 is the fastest, and at -O0 -g a debugger steps through it, the loops in assembler by their names (conv3_positions).'
      : 'Answers are the same at every level of optimisation; -O3 is the fastest, -O0 -g (make debug) steps in a debugger.'
  }

## Test

\`${id}_known_answer()\` (\`test/known_answer.h\`) computes three windows and returns 0 if every score is the reference's, else the
number of the first window that is not. ${
    board
      ? 'Call it once on the board; it takes an arena of its own.'
      : '`test/main.c` makes a program of it; its exit status is 0 if every score is right.'
  }

The kernels and the rest of this folder are under the Apache License 2.0 (\`LICENSE\`).
`;
}
