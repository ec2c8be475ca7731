#!/bin/sh
# Debian programs that some tests and benchmarks run: installed where we may, else named aloud.
set -eu
for program in "${@:-strace curl openssl icecast2 chromium}"; do
    for name in $program; do
        command -v "$name" >/dev/null 2>&1 || missing="${missing:-} $name"
    done
done
[ -n "${missing:-}" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing$missing ..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null && exit 0
fi
echo "MISSING:$missing. What needs them is skipped. To run it: sudo apt install$missing" >&2
