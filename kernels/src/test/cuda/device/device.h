// What the parts of the simulated libcuda share, and what the simulated cuBLAS and cuDNN see of it.
//
// Device memory is one mmap'd arena apart from the C heap: a stray write of a kernel meets another
// allocation's red zone, never the process. A stream is a list of operations; each runs when it is
// submitted, or at the next synchronisation (SIMULATED_CUDA_LAZY), or is recorded into a graph.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

using DevicePointer = unsigned long long;
using Status = int;
using Operation = std::function<Status()>;

enum : Status {
    SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101,
    INVALID_IMAGE = 200, INVALID_CONTEXT = 201, INVALID_HANDLE = 400, NOT_FOUND = 500, NOT_READY = 600,
    ILLEGAL_ADDRESS = 700, LAUNCH_FAILED = 719, NOT_SUPPORTED = 801,
    CAPTURE_UNSUPPORTED = 900, CAPTURE_INVALIDATED = 901, CAPTURE_UNMATCHED = 903
};

extern "C" {
// Puts one piece of work on a stream. For a shim: the work owns copies of all that it needs.
Status simulated_submit(void* stream, void (*run)(void*), void (*release)(void*), void* work);
// Whether [address, address + bytes) lies in one live allocation; if not, the device faults.
Status simulated_region(const char* who, const void* address, size_t bytes, int write);
// Breaks the device as a failed kernel does: every later call answers with this status.
Status simulated_fault(Status status, const char* message);
// Counters and switches by name; README.md lists them. -1 for a name that does not exist.
long simulated_get(const char* name);
long simulated_set(const char* name, long value);
}

namespace device {
extern std::recursive_mutex lock;

// Switches, from the environment at load and from simulated_set later.
struct Settings {
    long memory;      // bytes of device memory
    long driver;      // driver version, 12060
    long order;       // of threads and blocks: 0 forward, 1 backward
    long lazy;        // 1: work runs at the next synchronisation
    long failLaunch;  // n: the n-th launch from now fails
    long capability;  // compute capability times ten
};
extern Settings settings;

struct Counters { long launches, submissions, synchronizations, replays, uploads, downloads, allocated, leaked; };
extern Counters counters;

Status fault(Status status, const std::string& message);
Status broken();  // the status of a broken device, else SUCCESS
const std::string& lastMessage();
void repair();    // what destroying the context does

Status submit(void* stream, Operation operation);
Status finish(void* stream);   // runs what waits on a stream
Status finishAll();
// Fails, and spoils the capture, where a stream is being captured: such calls are not allowed then.
Status outsideCapture(const char* call);

bool inside(uintptr_t address, size_t bytes);
Status checkRedZones(const char* who);
void forgetAllocations();  // of a destroyed context; they count as leaked
}  // namespace device
