#!/bin/bash
# The control of the message and link fuzzers: the request target and the target of the host's
# link with a bug planted behind four letters of a text. From one input with such a text,
# libFuzzer must find it; it begins again every six seconds, as luck with the first letter
# decides, and gives up after two minutes.
#
# usage: tests/fuzz/control.sh BUILD     (a build folder of the fuzz preset)
set -u
build=$(cd "${1:?a build folder of the fuzz preset}" && pwd) || exit 64
cd "$(dirname "$0")/../.." || exit 70

work=$(mktemp -d) || exit 70
trap 'rm -rf "$work"' EXIT

compile() { # TARGET LIBRARIES…: fuzz_TARGET with its bug
    local target=$1
    shift
    "${CC:-clang}" -g -O1 -std=c11 -D_GNU_SOURCE -DPLANT_BUG \
        -fsanitize=fuzzer,address,undefined -I daemon -I include -isystem "$build/schemas" \
        "tests/fuzz/fuzz_$target.c" -o "$work/$target" "$@"
}

find_it() { # TARGET FUNCTION SEED-FILE
    local begun=$SECONDS seed
    for seed in {1..20}; do
        rm -rf "$work/corpus"
        mkdir "$work/corpus" && cp "tests/fuzz/corpus/$1/$3" "$work/corpus" || exit 70
        "$work/$1" -seed="$seed" -max_total_time=6 -max_len=128 -focus_function="$2" \
            -artifact_prefix="$work/" "$work/corpus" >"$work/log" 2>&1
        if grep -aq 'AddressSanitizer: heap-buffer-overflow' "$work/log" &&
            grep -aq " in $2 " "$work/log"; then
            echo "control: the bug planted in $1 was found in $((SECONDS - begun)) s (try $seed)"
            return 0
        fi
    done
    tail -n 20 "$work/log"
    echo "control: the bug planted in $1 was NOT found"
    return 1
}

mapfile -t wrapped < <(sed -n 's|^/\* fuzz-links: \(-Wl,.*\) \*/$|\1|p' tests/fuzz/fuzz_link_host.c)

compile request "$build/daemon/libctps_wire.a" "$build/schemas/libctps_schemas.a" \
    "$build/daemon/libctps_base.a" -lprotobuf-c -ljansson || exit 70
compile link_host "${wrapped[@]}" "$build"/daemon/libctps_{host,link,wire,loop,seal,base}.a \
    "$build/schemas/libctps_schemas.a" "$build/tools/libctps/libctps.so" \
    -Wl,-rpath,"$build/tools/libctps" -levent -lzmq -lsodium -lseccomp -lprotobuf-c -ljansson \
    -ldl -lpthread || exit 70

find_it request look_at head && find_it link_host plant asked
