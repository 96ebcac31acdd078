/* Serial recovery: an SMP server that takes an image straight into slot 0 when none can be started.
 */
#ifndef OTO_RECOVERY_H
#define OTO_RECOVERY_H

#include "boot.h"

_Noreturn void oto_recover(const oto_boot *boot);

#endif
