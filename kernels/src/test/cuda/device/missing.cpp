// Every symbol that JCuda's libraries import and the simulation lacks: says so once and answers
// "not supported". Built once a library, with the names in missing.def.
#include <cstdio>

#define MISSING(name) \
    extern "C" int name() { \
        static bool said; \
        if (!said) fprintf(stderr, "[simulated cuda] %s is not simulated\n", #name); \
        said = true; \
        return NOT_SUPPORTED_STATUS; \
    }
#include "missing.def"
