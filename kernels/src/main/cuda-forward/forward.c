/* A library that has the name and the symbol version that JCuda's libraries ask for, and whose every
 * function jumps to the function of the same name in a newer library. build.sh compiles it once a
 * library, with a line FORWARD(index, name) for each symbol in symbols.def, and with
 *
 *   COUNT   how many
 *   NEWER   name of the newer library; Lethe loads it by its path before this one
 *   ABSENT  what a function answers that the newer library lacks: the library's "not supported"
 *
 * Integer and vector argument registers stay as they are, so no signature is needed. r11 belongs to
 * no argument in the System V ABI for x86-64.
 */
#include <dlfcn.h>
#include <stdio.h>

/* As older C libraries have them too. */
__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");
__asm__(".symver dlerror, dlerror@GLIBC_2.2.5");

#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN void* forward_targets[COUNT];

static const char* const names[COUNT] = {
#define FORWARD(index, name) #name,
#include "symbols.def"
#undef FORWARD
};

#define FORWARD(index, name)                      \
    __asm__(".text\n"                             \
            ".globl " #name "\n"                  \
            ".type " #name ", @function\n"        \
            #name ":\n"                           \
            "  movl $" #index ", %r11d\n"         \
            "  jmp *forward_targets+8*" #index "(%rip)\n" \
            ".size " #name ", .-" #name "\n");
#include "symbols.def"
#undef FORWARD

/* Where no function is known: r11 says which was called. */
HIDDEN int forward_absent(int index) {
    static char said[COUNT];
    if (!said[index]) fprintf(stderr, "cuda: %s has no %s\n", NEWER, names[index]);
    said[index] = 1;
    return ABSENT;
}
__asm__(".text\n"
        ".hidden forward_nowhere\n"
        ".globl forward_nowhere\n"
        "forward_nowhere:\n"
        "  movl %r11d, %edi\n"
        "  jmp forward_absent\n");
HIDDEN void forward_nowhere(void);

__attribute__((constructor)) static void resolve(void) {
    void* newer = dlopen(NEWER, RTLD_NOW | RTLD_LOCAL);
    if (!newer) fprintf(stderr, "cuda: %s cannot be loaded: %s\n", NEWER, dlerror());
    for (int i = 0; i < COUNT; i++) {
        void* target = newer ? dlsym(newer, names[i]) : 0;
        forward_targets[i] = target ? target : (void*)forward_nowhere;
    }
}
