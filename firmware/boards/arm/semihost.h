/* Output and exit through the debugger's or emulator's semihosting (Arm semihosting
 * specification, 2.0). */
#ifndef OTO_SEMIHOST_H
#define OTO_SEMIHOST_H

#include <stdint.h>

void oto_semihost_text(const char *text);
void oto_semihost_number(uint64_t value);
_Noreturn void oto_semihost_exit(int32_t code);

#endif
