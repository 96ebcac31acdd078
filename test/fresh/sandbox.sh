# shellcheck shell=bash
# Sourced by test/fresh/as-a-service: what otolith's unit lets a process do, and what not. The same unit runs a probe in place
# of the program, where everything that only ownership would forbid is open to all, so that what refuses is the sandbox.

sandbox() {
    local main=$1 is
    is=$(sed -n 's/^\(NoNewPrivs\|CapEff\|CapBnd\|Seccomp\):\t/\1=/p' "/proc/$main/status" | tr '\n' ' ')
    holds "the service itself: $is" grep -qF "CapEff=0000000000000000 CapBnd=0000000000000000 NoNewPrivs=1 Seccomp=2" <<<"$is"
    mkdir -p /opt/open /home/pi /srv/open
    chmod 777 /opt/open /home/pi /srv/open
    echo secret >/home/pi/secret
    echo mine >/tmp/of-others
    mknod -m 666 /dev/open-memory c 1 11 2>/dev/null # the kernel's messages
    mknod -m 666 /dev/open-fuse c 10 229 2>/dev/null
    mknod -m 666 /dev/open-serial c 4 64 2>/dev/null # ttyS0
    probe_program >/usr/local/bin/otolith-probe
    chmod 755 /usr/local/bin/otolith-probe
    local properties=/run/systemd/system/otolith-probe.service
    mkdir -p /run/systemd/system
    sed -E -e 's#^ExecStart=.*#ExecStart=/usr/local/bin/otolith-probe#' -e 's/^Type=.*/Type=oneshot/' \
        -e '/^(ExecReload|Restart|WatchdogSec|NotifyAccess)/d' /usr/lib/systemd/system/otolith.service >"$properties"
    systemctl daemon-reload
    systemctl start otolith-probe || say "the probe did not end well"
    local line
    while read -r line; do
        case "$line" in
        "as expected: "*) expect 0 "${line#*: }" ;;
        *) expect 1 "$line" ;;
        esac
    done < <(journalctl --quiet --unit otolith-probe --output cat | grep -E '^(as expected|not so): ')
    holds "every one of the probe's lines came" test "$(journalctl --quiet --unit otolith-probe --output cat | grep -c '^probe: ended')" = 1
    rm -rf "$properties" /usr/local/bin/otolith-probe /opt/open /srv/open /home/pi /tmp/of-others /dev/open-*
    systemctl daemon-reload
}

probe_program() {
    cat <<'PROBE'
#!/bin/bash
node=/usr/lib/otolith/node/bin/node
may() { local what=$1; shift; if "$@" >/dev/null 2>&1; then echo "as expected: may $what"; else echo "not so: it should $what, and cannot"; fi; }
cannot() { local what=$1; shift; if "$@" >/dev/null 2>&1; then echo "not so: it can $what"; else echo "as expected: cannot $what"; fi; }
write() { echo x >"$1/probe" && rm "$1/probe"; }
# Anything but a refusal: a device that is allowed may still have no hardware behind it.
opens() { "$node" -e 'const fs = require("fs"); try { fs.openSync(process.argv[1], fs.constants.O_RDWR | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY) } catch (e) { process.exit(e.code === "EPERM" || e.code === "EACCES" || e.code === "ENOENT" ? 1 : 0) }' "$1"; }
for folder in /var/lib/otolith /var/cache/otolith /run/otolith /tmp /var/tmp; do may "write to $folder" write "$folder"; done
for folder in /opt/open /srv/open /usr/lib/otolith /etc/otolith /run /var/log /dev/shm/..; do cannot "write to $folder" write "$folder"; done
cannot "see a home" cat /home/pi/secret
cannot "see /root" ls /root
cannot "see others' temporary files" cat /tmp/of-others
cannot "see processes of others" test -e /proc/1/comm
cannot "change the kernel's settings" eval 'echo x >/proc/sys/kernel/domainname'
may "use /dev/null" opens /dev/null
may "open terminals, as an emulator does" script -qec true /dev/null
[ -e /dev/open-serial ] && may "open a serial port" opens /dev/open-serial
[ -e /dev/open-memory ] && cannot "read the kernel's messages" opens /dev/open-memory
[ -e /dev/open-fuse ] && cannot "open other devices" opens /dev/open-fuse
[ -e /dev/vda ] && cannot "open disks" opens /dev/vda
cannot "make namespaces of processes" unshare --user --map-root-user --pid --fork true
cannot "make namespaces of networks" unshare --user --map-root-user --net true
may "confine a compiler in namespaces of users and mounts" unshare --user --map-root-user --mount true
cannot "run in real time" chrt --rr 1 true
cannot "set a program to run as its owner" eval 'cp /bin/true /tmp/suid && chmod u+s /tmp/suid'
cannot "open raw sockets of packets" perl -e 'socket(my $s, 17, 3, 0) or exit 1'
cannot "change the clock" date --set=now
cannot "load modules" eval 'modprobe dummy || insmod /dev/null'
echo "probe: ended"
PROBE
}
