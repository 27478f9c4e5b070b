// What an object of kernels says about each of them.
#pragma once

namespace simt {
struct Kernel {
    const char* name;
    void (*call)(void** parameters);  // one thread's work
    int count;                        // of parameters
    const unsigned char* sizes;       // of each, in bytes
    const bool* pointers;             // whether each is one
    Kernel* next;
};
}  // namespace simt
