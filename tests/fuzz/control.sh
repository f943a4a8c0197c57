#!/bin/bash
# The control of the message fuzzers: the request target with a bug planted behind four
# letters of a text in a valid request. From one request with such a text, libFuzzer must find it
# within a minute; it begins again every six seconds, as luck with the first letter decides.
#
# usage: tests/fuzz/control.sh BUILD     (a build folder of the fuzz preset)
set -u
build=$(cd "${1:?a build folder of the fuzz preset}" && pwd) || exit 64
cd "$(dirname "$0")/../.." || exit 70

work=$(mktemp -d) || exit 70
trap 'rm -rf "$work"' EXIT

"${CC:-clang}" -g -O1 -std=c11 -D_GNU_SOURCE -DPLANT_BUG -fsanitize=fuzzer,address,undefined \
    -I daemon -isystem "$build/schemas" tests/fuzz/fuzz_request.c -o "$work/planted" \
    "$build/daemon/libctps_wire.a" "$build/schemas/libctps_schemas.a" \
    "$build/daemon/libctps_base.a" -lprotobuf-c -ljansson || exit 70

for seed in 1 2 3 4 5 6 7 8 9 10; do
    mkdir "$work/$seed" && cp tests/fuzz/corpus/request/head "$work/$seed" || exit 70
    "$work/planted" -seed="$seed" -max_total_time=6 -max_len=128 -focus_function=look_at \
        -artifact_prefix="$work/" "$work/$seed" >"$work/log" 2>&1
    if grep -aq 'AddressSanitizer: heap-buffer-overflow' "$work/log" &&
        grep -aq ' in look_at ' "$work/log"; then
        echo "control: the planted bug was found in $SECONDS s (try $seed)"
        exit 0
    fi
done
tail -n 20 "$work/log"
echo "control: the planted bug was NOT found"
exit 1
