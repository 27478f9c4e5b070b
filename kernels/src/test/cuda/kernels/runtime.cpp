// The scheduler of simt.h. A block's threads start one after the other on one fiber, as plain
// calls, for as long as none of them waits; a thread that waits keeps its fiber, and the next ones
// go on with another. So a kernel without barriers costs a function call a thread.
#include "simt.h"

#include <cstdio>
#include <cstdlib>
#include <algorithm>
#include <sys/mman.h>
#include <vector>

extern "C" SIMT_HIDDEN __attribute__((weak)) char __start_simt_shared[], __stop_simt_shared[];
extern "C" SIMT_HIDDEN void simt_switch(void** save, void* to);
asm(".text\n.hidden simt_switch\n.globl simt_switch\n.type simt_switch,@function\nsimt_switch:\n"
    "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\nmovq %rsp,(%rdi)\n"
    "movq %rsi,%rsp\npopq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n"
    ".size simt_switch,.-simt_switch\n");

namespace simt {
Thread* current;
uint3 block;
dim3 blockSize, gridSize;
Kernel* kernels;

namespace {
constexpr int MOST_THREADS = 1024;
constexpr size_t STACK = 256 << 10;
constexpr unsigned char UNWRITTEN = 0xff;  // NaN in every floating-point type

Thread threads[MOST_THREADS];
Warp warps[MOST_THREADS / 32];
struct { uint32_t live, returned, arrived, generation; int place; } barrier;

void* scheduler;                 // its stack pointer while a fiber runs
std::vector<void*> idle;         // stack pointers of fibers that wait for a thread to start
// Of all fibers, given back when the module is unloaded: a process has 65530 mappings in all.
struct Stacks {
    std::vector<char*> made;
    ~Stacks() { for (char* m : made) munmap(m, STACK); }
} stacks;
bool reversed, failed;
int warpFirst, warpCount, started;  // the warp whose threads are being started, and how many are

const Kernel* kernel;
void** parameters;
char message[512];
char* dynamicBytes;
size_t dynamicCapacity, dynamicUsed;

// Asynchronous copies, by thread: groups are numbered from 0, `open` is the one not yet committed.
constexpr size_t COPIED = 16;  // bytes
struct Copy { char* to; const char* from; unsigned group; };  // from null: zeros
struct Copies { std::vector<Copy> waiting; unsigned open; } copies[MOST_THREADS];
bool anyCopies;  // in this block

Thread* startNext() {
    if (started == warpCount) return nullptr;
    int i = started++;
    return &threads[warpFirst + (reversed ? warpCount - 1 - i : i)];
}

void threadReturned(Thread& t) {
    if (anyCopies && !copies[&t - threads].waiting.empty()) fault("a thread returned with asynchronous copies that it has not waited for");
    t.state = DONE;
    Warp& w = *t.warp;
    w.alive &= ~(1u << t.lane);
    --barrier.live;
    ++barrier.returned;
    if (barrier.arrived) fault("a thread returned while others of its block wait at __syncthreads");
    for (uint32_t q = w.pending; q; q &= q - 1) {
        Slot& s = w.slots[__builtin_ctz(q)];
        if (s.arrived == (s.mask & w.alive)) {
            s.arrived = 0;
            ++s.generation;
            w.pending &= ~(q & -q);
        }
    }
}

// A fiber's life: start threads as long as there are any, then wait for the next warp or block.
void fiberMain() {
    for (;;) {
        for (Thread* t; (t = startNext());) {
            current = t;
            kernel->call(parameters);
            // Another thread may have been started meanwhile, so current is asked again.
            threadReturned(*current);
        }
        idle.push_back(nullptr);
        void** self = &idle.back();
        simt_switch(self, scheduler);
    }
}

void* newFiber() {
    char* m = (char*)mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (m == MAP_FAILED) abort();
    mprotect(m, 4096, PROT_NONE);
    stacks.made.push_back(m);
    // Staggered: equal offsets would all fall into one set of the cache.
    char* end = m + STACK - 64 * 5 * (stacks.made.size() % 200);
    void** top = (void**)((uintptr_t)end & ~(uintptr_t)15);
    top[-1] = nullptr;
    top[-2] = (void*)&fiberMain;
    return top - 8;
}

void park(const uint32_t* generation, uint32_t seen) {
    Thread* t = current;
    t->awaited = generation;
    t->seen = seen;
    t->state = PARKED;
    simt_switch(&t->stackPointer, scheduler);
    current = t;
}

// Runs the warp until no thread of it can go on; whether any did.
bool runWarp(int first, int count) {
    bool any = false;
    warpFirst = first;
    warpCount = count;
    started = 0;
    while (started < count && threads[first + (reversed ? count - 1 - started : started)].state != NEW) started++;
    while (started < count) {
        void* fiber;
        if (idle.empty()) fiber = newFiber();
        else { fiber = idle.back(); idle.pop_back(); }
        any = true;
        simt_switch(&scheduler, fiber);
        if (failed) return true;
    }
    for (bool progress = true; progress;) {
        progress = false;
        for (int i = 0; i < count; i++) {
            Thread& t = threads[first + (reversed ? count - 1 - i : i)];
            if (t.state != PARKED || *t.awaited == t.seen) continue;
            progress = any = true;
            simt_switch(&scheduler, t.stackPointer);
            if (failed) return true;
        }
    }
    return any;
}

void prepareBlock(int count) {
    barrier = {uint32_t(count), 0, 0, barrier.generation, 0};
    for (int w = 0; w * 32 < count; w++) {
        int lanes = std::min(32, count - w * 32);
        warps[w].alive = lanes == 32 ? ~0u : (1u << lanes) - 1;
        for (uint32_t q = warps[w].pending; q; q &= q - 1) warps[w].slots[__builtin_ctz(q)].arrived = 0;
        warps[w].pending = 0;
    }
    if (anyCopies) for (Copies& c : copies) c = {};
    anyCopies = false;
    uint3 index{0, 0, 0};
    for (int i = 0; i < count; i++) {
        threads[i].index = index;
        threads[i].lane = i & 31;
        threads[i].warp = &warps[i >> 5];
        threads[i].state = NEW;
        if (++index.x == blockSize.x) { index.x = 0; if (++index.y == blockSize.y) { index.y = 0; ++index.z; } }
    }
    if (__start_simt_shared) memset(__start_simt_shared, UNWRITTEN, __stop_simt_shared - __start_simt_shared);
}

bool runBlock(int count) {
    int warpsUsed = (count + 31) / 32;
    prepareBlock(count);
    while (barrier.live) {
        bool any = false;
        for (int k = 0; k < warpsUsed; k++) {
            int first = 32 * (reversed ? warpsUsed - 1 - k : k);
            any |= runWarp(first, std::min(32, count - first));
            if (failed) return false;
        }
        if (!any) {
            snprintf(message, sizeof message, "deadlock: %u of %u threads wait at __syncthreads, the rest in warp exchanges [kernel %s, block (%u,%u,%u)]", barrier.arrived, barrier.live, kernel->name, block.x, block.y, block.z);
            return false;
        }
    }
    return true;
}
}  // namespace

char* dynamicShared() { return dynamicBytes; }

bool inShared(const void* address, size_t bytes) {
    auto within = [&](const char* from, size_t size) {
        const char* p = (const char*)address;
        return from && p >= from && bytes <= size && size_t(p - from) <= size - bytes;
    };
    return within(__start_simt_shared, size_t(__stop_simt_shared - __start_simt_shared)) || within(dynamicBytes, dynamicUsed);
}

void copyLater(void* shared, const void* global, bool present) {
    if (!inShared(shared, COPIED)) fault("cp.async to no shared memory");
    if (uintptr_t(shared) % COPIED || uintptr_t(global) % COPIED) fault("cp.async of bytes that are not aligned to 16");
    memset(shared, UNWRITTEN, COPIED);
    anyCopies = true;
    Copies& c = copies[current - threads];
    c.waiting.push_back({(char*)shared, present ? (const char*)global : nullptr, c.open});
}

void commitCopies() {
    anyCopies = true;
    ++copies[current - threads].open;
}

void awaitCopies(unsigned pending) {
    Copies& c = copies[current - threads];
    size_t done = 0;
    for (; done < c.waiting.size() && c.waiting[done].group + pending < c.open; done++) {
        const Copy& copy = c.waiting[done];
        if (copy.from) memcpy(copy.to, copy.from, COPIED);
        else memset(copy.to, 0, COPIED);
    }
    c.waiting.erase(c.waiting.begin(), c.waiting.begin() + done);
}

void fault(const char* what) {
    const uint3& t = current->index;
    snprintf(message, sizeof message, "%s [kernel %s, block (%u,%u,%u), thread (%u,%u,%u)]", what, kernel->name, block.x, block.y, block.z, t.x, t.y, t.z);
    failed = true;
    void* never;
    simt_switch(&never, scheduler);
    abort();
}

void synchronize(int place) {
    if (barrier.returned) fault("__syncthreads after a thread of the block has returned");
    if (barrier.arrived && barrier.place != place) fault("threads of a block reach __syncthreads at different places");
    barrier.place = place;
    uint32_t generation = barrier.generation;
    if (++barrier.arrived == barrier.live) { barrier.arrived = 0; ++barrier.generation; }
    else park(&barrier.generation, generation);
}

const uint64_t* exchange(uint32_t mask, uint64_t value, uint32_t* present) {
    Thread* t = current;
    if (!(mask >> t->lane & 1)) fault("a lane is not in its own mask");
    Slot& s = t->warp->slots[__builtin_ctz(mask)];
    if (s.arrived && s.mask != mask) fault("the lanes of an exchange give different masks");
    uint32_t generation = s.generation;
    uint64_t* values = s.values[generation & 1];
    s.mask = mask;
    values[t->lane] = value;
    s.arrived |= 1u << t->lane;
    t->warp->pending |= mask & -mask;
    *present = mask & t->warp->alive;
    if (s.arrived == *present) { s.arrived = 0; ++s.generation; t->warp->pending &= ~(mask & -mask); }
    else park(&s.generation, generation);
    return values;
}
}  // namespace simt

#define SIMT_EXPORT extern "C" __attribute__((visibility("default")))

SIMT_EXPORT const simt::Kernel* simt_kernels() { return simt::kernels; }

// Runs a grid; null when all went well, else what went wrong.
SIMT_EXPORT const char* simt_launch(const simt::Kernel* k, const unsigned* grid, const unsigned* threads, unsigned sharedBytes, void** parameters, int order) {
    using namespace simt;
    kernel = k;
    simt::parameters = parameters;
    gridSize = {grid[0], grid[1], grid[2]};
    blockSize = {threads[0], threads[1], threads[2]};
    reversed = order & 1;
    failed = false;
    dynamicUsed = sharedBytes;
    if (sharedBytes > dynamicCapacity) {
        free(dynamicBytes);
        dynamicCapacity = (sharedBytes + 255) / 256 * 256;
        dynamicBytes = (char*)aligned_alloc(256, dynamicCapacity);
    }
    unsigned long long blocks = 1ull * grid[0] * grid[1] * grid[2];
    for (unsigned long long i = 0; i < blocks; i++) {
        unsigned long long b = order & 1 ? blocks - 1 - i : i;
        block = {unsigned(b % grid[0]), unsigned(b / grid[0] % grid[1]), unsigned(b / grid[0] / grid[1])};
        if (sharedBytes) memset(dynamicBytes, UNWRITTEN, sharedBytes);
        if (!runBlock(threads[0] * threads[1] * threads[2])) {
            idle.clear();  // fibers of a failed block are given up with what they hold
            return message;
        }
    }
    return nullptr;
}
