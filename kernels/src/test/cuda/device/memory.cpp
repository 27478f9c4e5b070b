// Device memory: first fit in one arena, red zones around every allocation, fresh memory full of
// NaN. Pinned host memory. Copies and fills, as operations on streams.
#include "device.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sys/mman.h>
#include <vector>

using namespace device;

namespace {
constexpr size_t RED = 256;                       // bytes on either side
constexpr size_t PAGE = 4096;
constexpr uint32_t RED_ZONE = 0x7ffd7ffd;         // NaN in F64, F32 and BF16
constexpr unsigned char UNWRITTEN = 0xff;         // likewise

char* arena;
size_t arenaBytes;
std::map<uintptr_t, size_t> allocations;          // address -> bytes asked for
std::map<uintptr_t, size_t> freeRanges;           // address -> bytes, neighbours joined
std::map<uintptr_t, size_t> pinned;
long used;

size_t footprint(size_t bytes) { return (bytes + 2 * RED + PAGE - 1) / PAGE * PAGE; }

void paintRedZones(uintptr_t address, size_t bytes) {
    for (size_t i = 0; i < RED; i += 4) memcpy((char*)address - RED + i, &RED_ZONE, 4);
    for (size_t i = 0; i < RED; i += 4) memcpy((char*)address + bytes + i, &RED_ZONE, 4);
}

bool redZonesWhole(uintptr_t address, size_t bytes) {
    static const auto painted = [] { std::vector<uint32_t> v(RED / 4, RED_ZONE); return v; }();
    return !memcmp((char*)address - RED, painted.data(), RED) && !memcmp((char*)address + bytes, painted.data(), RED);
}

bool reserveArena() {
    if (arena) return true;
    arenaBytes = settings.memory;
    void* m = mmap(nullptr, arenaBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (m == MAP_FAILED) return false;
    arena = (char*)m;
    freeRanges[(uintptr_t)m] = arenaBytes;
    return true;
}

void release(uintptr_t address, size_t bytes) {
    uintptr_t from = address - RED;
    size_t size = footprint(bytes);
    madvise((void*)from, size, MADV_DONTNEED);
    auto next = freeRanges.lower_bound(from);
    if (next != freeRanges.end() && from + size == next->first) {
        size += next->second;
        next = freeRanges.erase(next);
    }
    if (next != freeRanges.begin()) {
        auto previous = std::prev(next);
        if (previous->first + previous->second == from) { previous->second += size; return; }
    }
    freeRanges[from] = size;
}

Status needRegion(const char* who, DevicePointer address, size_t bytes) {
    if (bytes == 0 || inside(address, bytes)) return SUCCESS;
    fprintf(stderr, "[simulated cuda] %s: %zu bytes at %llx are no device memory\n", who, bytes, address);
    return INVALID_VALUE;
}

bool isPinned(const void* host, size_t bytes) {
    auto it = pinned.upper_bound((uintptr_t)host);
    if (it == pinned.begin()) return false;
    --it;
    return (uintptr_t)host + bytes <= it->first + it->second;
}

Status upload(void* stream, DevicePointer to, const void* from, size_t bytes, bool capturing) {
    if (Status s = needRegion("cuMemcpyHtoD", to, bytes)) return s;
    counters.uploads++;
    if (capturing || isPinned(from, bytes)) {  // read when it runs, as the hardware does
        return submit(stream, [=] { memcpy((void*)to, from, bytes); return SUCCESS; });
    }
    std::string copy((const char*)from, bytes);
    return submit(stream, [=] { memcpy((void*)to, copy.data(), copy.size()); return SUCCESS; });
}

Status fill(void* stream, DevicePointer to, const void* pattern, size_t width, size_t count) {
    if (Status s = needRegion("cuMemset", to, width * count)) return s;
    uint32_t value = 0;
    memcpy(&value, pattern, width);
    return submit(stream, [=] {
        for (size_t i = 0; i < count; i++) memcpy((char*)to + i * width, &value, width);
        return SUCCESS;
    });
}

template <class F> Status synchronously(const char* call, F body) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (Status s = outsideCapture(call)) return s;
    if (Status s = finishAll()) return s;
    if (Status s = broken()) return s;
    return body();
}
template <class F> Status onStream(F body) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (Status s = broken()) return s;
    return body();
}
}  // namespace

extern "C" Status cuStreamIsCapturing(void*, int*);

namespace device {
bool inside(uintptr_t address, size_t bytes) {
    auto it = allocations.upper_bound(address);
    if (it == allocations.begin()) return false;
    --it;
    return address + bytes <= it->first + it->second;
}

Status checkRedZones(const char* who) {
    for (auto& [address, bytes] : allocations) {
        if (redZonesWhole(address, bytes)) continue;
        paintRedZones(address, bytes);
        return fault(ILLEGAL_ADDRESS, std::string(who) + " wrote outside an allocation of " + std::to_string(bytes) + " bytes");
    }
    return SUCCESS;
}

void forgetAllocations() {
    for (auto& [address, bytes] : allocations) release(address, bytes);
    counters.leaked += allocations.size();
    if (!allocations.empty()) fprintf(stderr, "[simulated cuda] %zu allocations of %ld bytes were never freed\n", allocations.size(), used);
    allocations.clear();
    used = 0;
}
}  // namespace device

long simulatedMemoryUsed() { return used; }
long simulatedAllocations() { return (long)allocations.size(); }
long simulatedPinned() { return (long)pinned.size(); }

extern "C" {
Status cuMemGetInfo_v2(size_t* available, size_t* total) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    *total = settings.memory;
    *available = settings.memory > used ? settings.memory - used : 0;
    return broken();
}

Status cuMemAlloc_v2(DevicePointer* p, size_t bytes) {
    return synchronously("cuMemAlloc", [&]() -> Status {
        if (!bytes) return INVALID_VALUE;
        if (!reserveArena() || used + (long)bytes > settings.memory) return OUT_OF_MEMORY;
        size_t size = footprint(bytes);
        for (auto it = freeRanges.begin(); it != freeRanges.end(); ++it) {
            if (it->second < size) continue;
            uintptr_t from = it->first, rest = it->second - size;
            freeRanges.erase(it);
            if (rest) freeRanges[from + size] = rest;
            memset((char*)from + RED, UNWRITTEN, bytes);
            paintRedZones(from + RED, bytes);
            allocations[from + RED] = bytes;
            used += bytes;
            counters.allocated++;
            *p = from + RED;
            return SUCCESS;
        }
        return OUT_OF_MEMORY;
    });
}

Status cuMemFree_v2(DevicePointer p) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (!p) return SUCCESS;
    if (Status s = outsideCapture("cuMemFree")) return s;
    Status before = finishAll();
    auto it = allocations.find(p);
    if (it == allocations.end()) return INVALID_VALUE;
    size_t bytes = it->second;
    bool whole = redZonesWhole(p, bytes);
    used -= bytes;
    allocations.erase(it);
    release(p, bytes);
    if (!whole) return fault(ILLEGAL_ADDRESS, "a copy or library call wrote outside an allocation of " + std::to_string(bytes) + " bytes");
    return before;
}

Status cuMemHostAlloc(void** p, size_t bytes, unsigned) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (!bytes) return INVALID_VALUE;
    void* m = aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);
    if (!m) return OUT_OF_MEMORY;
    pinned[(uintptr_t)m] = bytes;
    *p = m;
    return SUCCESS;
}
Status cuMemAllocHost_v2(void** p, size_t bytes) { return cuMemHostAlloc(p, bytes, 0); }
Status cuMemFreeHost(void* p) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (Status s = outsideCapture("cuMemFreeHost")) return s;
    finishAll();
    if (!pinned.erase((uintptr_t)p)) return INVALID_VALUE;
    free(p);
    return SUCCESS;
}

Status cuMemcpyHtoD_v2(DevicePointer to, const void* from, size_t bytes) {
    return synchronously("cuMemcpyHtoD", [&] { counters.synchronizations++; return upload(nullptr, to, from, bytes, false); });
}
Status cuMemcpyDtoH_v2(void* to, DevicePointer from, size_t bytes) {
    return synchronously("cuMemcpyDtoH", [&]() -> Status {
        counters.synchronizations++;
        counters.downloads++;
        if (Status s = needRegion("cuMemcpyDtoH", from, bytes)) return s;
        memcpy(to, (void*)from, bytes);
        return SUCCESS;
    });
}
Status cuMemcpyDtoD_v2(DevicePointer to, DevicePointer from, size_t bytes) {
    return synchronously("cuMemcpyDtoD", [&]() -> Status {
        if (Status s = needRegion("cuMemcpyDtoD", to, bytes)) return s;
        if (Status s = needRegion("cuMemcpyDtoD", from, bytes)) return s;
        memmove((void*)to, (void*)from, bytes);
        return SUCCESS;
    });
}
Status cuMemcpyHtoDAsync_v2(DevicePointer to, const void* from, size_t bytes, void* stream) {
    return onStream([&] {
        int capturing = 0;
        cuStreamIsCapturing(stream, &capturing);
        return upload(stream, to, from, bytes, capturing == 1);
    });
}
Status cuMemcpyDtoHAsync_v2(void* to, DevicePointer from, size_t bytes, void* stream) {
    return onStream([&]() -> Status {
        counters.downloads++;
        if (Status s = needRegion("cuMemcpyDtoHAsync", from, bytes)) return s;
        return submit(stream, [=] { memcpy(to, (void*)from, bytes); return SUCCESS; });
    });
}
Status cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from, size_t bytes, void* stream) {
    return onStream([&]() -> Status {
        if (Status s = needRegion("cuMemcpyDtoDAsync", to, bytes)) return s;
        if (Status s = needRegion("cuMemcpyDtoDAsync", from, bytes)) return s;
        return submit(stream, [=] { memmove((void*)to, (void*)from, bytes); return SUCCESS; });
    });
}
Status cuMemsetD8Async(DevicePointer to, unsigned char value, size_t count, void* stream) {
    return onStream([&] { return fill(stream, to, &value, 1, count); });
}
Status cuMemsetD16Async(DevicePointer to, unsigned short value, size_t count, void* stream) {
    return onStream([&] { return fill(stream, to, &value, 2, count); });
}
Status cuMemsetD32Async(DevicePointer to, unsigned value, size_t count, void* stream) {
    return onStream([&] { return fill(stream, to, &value, 4, count); });
}
Status cuMemsetD8_v2(DevicePointer to, unsigned char value, size_t count) { return synchronously("cuMemset", [&] { return fill(nullptr, to, &value, 1, count); }); }
Status cuMemsetD32_v2(DevicePointer to, unsigned value, size_t count) { return synchronously("cuMemset", [&] { return fill(nullptr, to, &value, 4, count); }); }

Status simulated_region(const char* who, const void* address, size_t bytes, int write) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (bytes == 0 || inside((uintptr_t)address, bytes)) return SUCCESS;
    return fault(ILLEGAL_ADDRESS, std::string(who) + (write ? " writes " : " reads ") + std::to_string(bytes) + " bytes that reach outside device memory");
}
}
