#!/usr/bin/env bash
# build.sh FOLDER: makes the forwarding libraries, for machines with CUDA 13 or cuDNN 9, whose
# libraries JCuda 12.6 does not know. Needs a C compiler for x86-64.
#
# Each FOLDER/<name>.forward has the SONAME and version node of the older library and jumps to the
# newer one. It is not called like the older library, so that it never hides a real one.
# LETHE_CUDA_LIBRARIES=FOLDER names them; `lethe doctor` says whether they are in use.
set -eu

fail() {
    printf 'cuda-forward: %s\n' "$1" >&2
    exit 1
}

(($# == 1)) || fail "expected the folder to write to, got $# arguments: build.sh FOLDER"
compiler=$(command -v cc || command -v gcc || command -v g++) \
    || fail 'needs a C compiler, found no cc, gcc or g++; install gcc'
[[ $(uname -m) == x86_64 ]] || fail "JCuda has libraries for x86_64 alone, this is $(uname -m)"
mkdir -p -- "$1" || fail "cannot write to $1: make it writable"
out=$(CDPATH='' cd -- "$1" && pwd)
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
imports=../../test/cuda/imports
parts=$(mktemp -d)
trap 'rm -rf -- "$parts"' EXIT

# forward OLDER NEWER LIST NOT_SUPPORTED: for each symbol that JCuda's library imports.
forward() {
    awk '{ printf "FORWARD(%d, %s)\n", NR - 1, $1 }' "$imports/$3.txt" >"$parts/symbols.def"
    printf '%s { global: *; local: forward_*; };\n' "$1" >"$parts/map"
    "$compiler" -x c -O2 -fPIC -shared -Wall -Wextra -I"$parts" \
        -DCOUNT="$(wc -l <"$imports/$3.txt")" -DNEWER="\"$2\"" -DABSENT="$4" forward.c \
        -Wl,-soname,"$1" -Wl,--version-script="$parts/map" -Wl,-s -ldl -o "$parts/$1.forward"
    mv -f -- "$parts/$1.forward" "$out/"
}

forward libcublas.so.12 libcublas.so.13 cublas 15
forward libcudnn.so.8 libcudnn.so.9 cudnn 9
forward libnvrtc.so.12 libnvrtc.so.13 nvrtc 11
