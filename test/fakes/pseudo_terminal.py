"""A pseudo-terminal whose far end is this program's stdin and stdout: prints the slave's path as the first line."""

import os
import pty
import select
import sys
import tty

master, slave = pty.openpty()
tty.setraw(slave)  # and kept open: reading the master fails while nobody holds the slave
sys.stdout.write(os.ttyname(slave) + "\n")
sys.stdout.flush()
while True:
    ready, _, _ = select.select([0, master], [], [])
    for fd in ready:
        data = os.read(fd, 4096)
        if fd == 0 and not data:
            sys.exit(0)
        os.write(master if fd == 0 else 1, data)
