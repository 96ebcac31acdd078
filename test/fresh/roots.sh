# Sourced by what makes fresh roots.
# For mmdebstrap: nothing has to survive a power cut while a root is made; what is installed in it later waits for the disk.
quick=(--dpkgopt=force-unsafe-io '--customize-hook=rm "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"')

# runs_programs_of <amd64|arm64>: whether this kernel runs them, by itself or by QEMU through binfmt_misc, which is mounted
# and told of QEMU where that is all that is missing. Else prints what is, with the command that mends it.
# Call it within a name space of mounts of one's own: what it mounts goes with that. What is registered stays until a restart.
runs_programs_of() {
    local arch=$1 table=/proc/sys/fs/binfmt_misc qemu=/usr/bin/qemu-aarch64-static
    [ "$arch" != "$(dpkg --print-architecture)" ] || return 0
    if [ "$arch" != arm64 ]; then
        echo "this machine runs no $arch programs: take one of that architecture"
        return 1
    fi
    [ -e "$table/register" ] || mount -t binfmt_misc binfmt_misc "$table" 2>/dev/null || {
        echo "this kernel runs no arm64 programs: it has no binfmt_misc; run  modprobe binfmt_misc"
        return 1
    }
    local found
    found=$(grep -ls '^enabled' $table/* | xargs -r grep -l "^magic 7f454c460201010000000000000000000200b700" | xargs -r grep -l '^flags:.*F' || true)
    [ -z "$found" ] || return 0
    [ -x "$qemu" ] || {
        echo "this kernel runs no arm64 programs: run  apt-get install -y qemu-user-static binfmt-support"
        return 1
    }
    # F: the interpreter is opened now, since a root has none.
    local magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
    local mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
    echo ":otolith-aarch64:M::$magic:$mask:$qemu:F" >"$table/register" 2>/dev/null || {
        echo "this kernel runs no arm64 programs, and $qemu cannot be registered: run  systemctl restart binfmt-support"
        return 1
    }
}
