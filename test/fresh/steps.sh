# shellcheck shell=bash
# Sourced by what tries things in fresh roots: a line for each step and for each thing that held or not, with its seconds.
# shellcheck disable=SC2034 # what failed is read by those who source this
failed=0 began=0
# What a script says of itself above its first line of program is its help.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0; }
say() { echo "fresh: $*"; }
cannot() { echo "fresh: $*" >&2; exit 2; }
step() { began=$(date +%s%N); say "== $*"; }
done_in() { printf '%d.%d' $((($(date +%s%N) - began) / 1000000000)) $((($(date +%s%N) - began) / 100000000 % 10)); }
expect() { if [ "$1" = 0 ]; then say "ok: $2 ($(done_in) s)"; else say "FAILED: $2"; failed=1; fi; }
holds() { local what=$1; shift; if "$@"; then expect 0 "$what"; else expect 1 "$what"; fi; }
# What a command says is shown where it fails.
quietly() { local said; said=$("$@" 2>&1 </dev/null) || { echo "$said"; return 1; }; }
