#include <stdio.h>

#include "known_answer.h"

int main(void) {
    const int wrong = example_net_known_answer();
    if (wrong == 0)
        puts("ok: every score is that of the reference");
    else
        printf("WRONG: window %d has other scores than the reference\n", wrong);
    return wrong != 0;
}
