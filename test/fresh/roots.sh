# shellcheck shell=bash
# Sourced by what tries otolith in fresh roots: makes minimal Debians, keeps each a month as a tar file, unpacks one into a folder
# of its own, enters it, and takes all of it away when the script ends. Steps and their words (steps.sh) come along.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fresh=$here/test/fresh
cache=${OTOLITH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/otolith}/fresh
. "$fresh/steps.sh"
# As it begins: HEAD may move while it runs. Empty for a user whose repository it is not, who gets no further than needs_root.
# shellcheck disable=SC2034 # told by those who source this
commit=$(git -C "$here" rev-parse --short HEAD 2>/dev/null || true)
keep=0 root=

known_suite() { case "$1" in bookworm | trixie) ;; *) cannot "which Debian? bookworm or trixie (see --help)" ;; esac; }
# What has to be there: root's rights, for these arguments of the script; programs, each in the Debian package of its name.
# shellcheck disable=SC2120
needs_root() { [ "$(id -u)" = 0 ] || cannot "it needs root: run  sudo test/fresh/$(basename "$0") $*"; }
needs() { local tool; for tool; do command -v "$tool" >/dev/null || cannot "$tool is missing: run  apt-get install -y $tool"; done; }

# in_namespaces <the script's arguments>: starts it again in name spaces of its own, so that mounts and processes go with it,
# however it ends.
in_namespaces() {
    # The first process of a name space is ended by no signal that it does not ask for.
    if [ -n "${FRESH_NAMESPACE:-}" ]; then trap 'exit 143' TERM HUP; return; fi
    local own=(unshare --mount --pid --fork --kill-child --propagation private)
    "${own[@]}" true 2>/dev/null || cannot "this machine lets nobody have name spaces of mounts and processes (a container?)"
    FRESH_NAMESPACE=1 exec "${own[@]}" "$0" "$@"
}

# take_package <arch>: the package, as `deb`: the one that FRESH_PACKAGE names, or made now.
take_package() {
    deb=${FRESH_PACKAGE:-}
    [ -n "$deb" ] || deb=$here/$("$here/deploy/package" "$1" | tail -1) || cannot "deploy/package made none"
    [ -s "$deb" ] || cannot "there is no package $deb"
}

# cached_root <name> <suite> <arch> <packages>: the root as a tar file, as `base`; made again when it is a month old, since
# Debian's point releases change it.
cached_root() {
    local suite=$2 arch=$3 packages=$4
    base=$cache/$1-$arch.tar
    mkdir -p "$cache"
    [ -z "$(find "$base" -mtime -30 2>/dev/null)" ] || return 0
    say "making a minimal $suite $arch with $packages (once a month)"
    # Nothing has to survive a power cut while a root is made; what is installed in it later waits for the disk.
    # shellcheck disable=SC2016
    mmdebstrap --quiet --dpkgopt=force-unsafe-io '--customize-hook=rm "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"' \
        --format=tar --variant=minbase --architectures="$arch" --include="$packages" "$suite" "$base.part" ||
        cannot "mmdebstrap could not make $suite $arch (no network?)"
    mv "$base.part" "$base"
}

# Unpacks `base` into a folder, `root`, that goes when the script ends.
new_root() {
    root=$(mktemp -d "$cache/root.XXXXXX")
    trap close_root EXIT
    tar xf "$base" -C "$root" --numeric-owner
}
close_root() {
    ! mountpoint -q "$root" || umount -R "$root" 2>/dev/null || umount -R -l "$root" || true
    if [ "$keep" = 1 ]; then say "kept in $root"; return; fi
    if grep -q " ${root}[/ ]" /proc/self/mounts; then say "still mounted, not removed: $root"; return; fi
    rm -rf --one-file-system "$root"
}

# The same with what programs want to run there: kernel's file systems, this machine's network and what it trusts.
open_root() {
    new_root
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    local name
    for name in sys dev; do mount --rbind "/$name" "$root/$name"; mount --make-rslave "$root/$name"; done
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    printf '127.0.0.1 localhost fresh %s\n' "$(hostname)" >"$root/etc/hosts"
    environment=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb)
    # A network that inspects TLS has a certificate of its own.
    [ -n "${SSL_CERT_FILE:-}" ] || return 0
    cp "$SSL_CERT_FILE" "$root/etc/ssl/certs/fresh.pem"
    chmod 644 "$root/etc/ssl/certs/fresh.pem"
    for name in SSL_CERT_FILE NODE_EXTRA_CA_CERTS PIP_CERT; do environment+=("$name=/etc/ssl/certs/fresh.pem"); done
}

# enter [NAME=value ...] <command ...>: runs it in an open root, with these and the root's environment alone. As the root of a
# mount name space, not by chroot: a chrooted process may make no name spaces, and otolith confines compilers.
enter() {
    # shellcheck disable=SC2016
    unshare --mount --propagation private /bin/bash -c 'cd "$1" && shift && pivot_root . mnt && umount -l /mnt && exec "$@"' \
        enter "$root" /usr/bin/env -i "${environment[@]}" "$@"
}

# runs_programs_of <amd64|arm64>: whether this kernel runs them, by itself or by QEMU through binfmt_misc, which is mounted
# and names QEMU where that is all that is missing. Else prints what is, with the command that installs it.
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
