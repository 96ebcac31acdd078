/* Serial recovery: an SMP server that takes an image straight into slot 0 when none can be started.
 */
#ifndef OTO_RECOVERY_H
#define OTO_RECOVERY_H

#include "boot.h"

/* `fault`: what is wrong with slot 0's image. */
_Noreturn void oto_recover(const oto_boot *boot, int32_t fault);

#endif
