#ifndef OTO_BOOT_VERSION_H
#define OTO_BOOT_VERSION_H

#define OTO_BOOT_VERSION "1.0.0"

#endif
