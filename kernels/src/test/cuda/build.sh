#!/usr/bin/env bash
# build.sh FOLDER: builds the simulated libcuda, cuBLAS, cuDNN and NVRTC into FOLDER, unless they are
# there and no source has changed. Without g++ it says so and leaves FOLDER empty; with `simulated`
# in LETHE_REQUIRE that is a failure.
set -eu
out=$1
[[ $out == /* ]] || out=$PWD/$out
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

if ! command -v g++ >/dev/null; then
    printf 'SKIPPED: there is no g++, so the simulated CUDA device is not built and nothing about CUDA is tested; install g++\n' >&2
    rm -rf -- "$out"
    [[ ,${LETHE_REQUIRE:-}, != *,simulated,* ]]
    exit
fi

mkdir -p -- "$out"
out=$(cd -- "$out" && pwd)
stamp=$(cat build.sh device/* kernels/* imports/* | cksum)-$(g++ -dumpfullversion)
exec 9>"$out/lock"
if command -v flock >/dev/null; then flock 9; fi
if [[ -f $out/stamp && $(<"$out/stamp") == "$stamp" ]]; then exit; fi
rm -rf -- "$out/stamp" "$out/objects" "$out/simt" "$out/parts" "$out/cuda13"
mkdir -- "$out/simt" "$out/parts" "$out/cuda13"
ln -s ../simt "$out/cuda13/simt"

compile() { # SOURCE OBJECT FLAGS...
    local source=$1 object=$2
    shift 2
    g++ -std=c++17 -O2 -fPIC -Wall -Wextra "$@" -c "$source" -o "$object"
}

# library SONAME NEWER LIST NOT_SUPPORTED LIBRARIES... -- SOURCES...: with a stub for each name of the
# list that the sources lack. JCuda's libraries ask for symbols of a version called like the library.
# The same library is linked again as cuda13/NEWER, as a machine with CUDA 13 has it.
library() {
    local soname=$1 newer=$2 list=$3 status=$4 parts=$out/parts/$3 links=() source
    shift 4
    while [[ $1 != -- ]]; do
        links+=("$1")
        shift
    done
    shift
    mkdir -- "$parts"
    for source; do compile "device/$source.cpp" "$parts/$source.o"; done
    nm --defined-only "$parts"/*.o | awk '$2 == "T" { print $3 }' | sort >"$parts/present"
    LC_ALL=C sort "imports/$list.txt" | LC_ALL=C comm -23 - <(LC_ALL=C sort "$parts/present") \
        | sed 's/.*/MISSING(&)/' >"$parts/missing.def"
    compile device/missing.cpp "$parts/missing.o" -I"$parts" -DNOT_SUPPORTED_STATUS="$status"
    link "$soname" "$out/$soname"
    link "$newer" "$out/cuda13/$newer"
}

link() { # SONAME FILE, of what `library` compiled
    local flags=("-Wl,-soname,$1")
    printf '%s { global: *; };\n' "$1" >"$parts/map"
    [[ $list == cuda ]] || flags+=("-Wl,--version-script=$parts/map")
    g++ -shared "${flags[@]}" "$parts"/*.o "${links[@]}" -ldl -o "$2"
}

library libcuda.so.1 libcuda.so.1 cuda 801 -- context memory module stream
library libcublas.so.12 libcublas.so.13 cublas 15 "$out/libcuda.so.1" -- cublas
library libcudnn.so.8 libcudnn.so.9 cudnn 9 "$out/libcuda.so.1" -- cudnn
library libnvrtc.so.12 libnvrtc.so.13 nvrtc 11 -- nvrtc
compile kernels/runtime.cpp "$out/simt/runtime.o" -fvisibility=hidden
cp -- kernels/*.h "$out/simt/"
rm -rf -- "$out/parts"
printf '%s' "$stamp" >"$out/stamp"
