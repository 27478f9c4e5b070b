// The one device, its context, errors, and the switches and counters of a test.
#include "device.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

using namespace device;

long simulatedMemoryUsed();
long simulatedAllocations();
long simulatedPinned();

namespace {
long environment(const char* name, long otherwise) {
    const char* value = getenv(name);
    return value && *value ? atol(value) : otherwise;
}
bool initialized;
int contextUsers;
int theContext;
thread_local void* currentContext;
Status failure;
std::string failureMessage;
std::string errorText;
}  // namespace

namespace device {
std::recursive_mutex lock;
Settings settings = {
    environment("SIMULATED_CUDA_MEMORY_MIB", 8192) << 20,
    environment("SIMULATED_CUDA_DRIVER", 12060),
    environment("SIMT_ORDER", 0),
    environment("SIMULATED_CUDA_LAZY", 0),
    environment("SIMULATED_CUDA_FAIL_LAUNCH", 0),
    environment("SIMULATED_CUDA_CAPABILITY", 90),
};
Counters counters;

Status fault(Status status, const std::string& message) {
    fprintf(stderr, "[simulated cuda] %s\n", message.c_str());
    if (!failure) { failure = status; failureMessage = message; }
    return status;
}
Status broken() { return failure; }
const std::string& lastMessage() { return failureMessage; }
void repair() { failure = SUCCESS; failureMessage.clear(); }
}  // namespace device

extern "C" {
Status simulated_fault(Status status, const char* message) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    return fault(status, message);
}

long simulated_get(const char* name) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    const std::map<std::string, long> values = {
        {"memory", settings.memory}, {"driver", settings.driver}, {"order", settings.order}, {"lazy", settings.lazy},
        {"fail_launch", settings.failLaunch}, {"capability", settings.capability}, {"launches", counters.launches}, {"submissions", counters.submissions}, {"synchronizations", counters.synchronizations},
        {"replays", counters.replays}, {"uploads", counters.uploads}, {"downloads", counters.downloads},
        {"allocated", counters.allocated}, {"leaked", counters.leaked}, {"used", simulatedMemoryUsed()},
        {"allocations", simulatedAllocations()}, {"pinned", simulatedPinned()}, {"contexts", contextUsers}};
    auto it = values.find(name);
    return it == values.end() ? -1 : it->second;
}

long simulated_set(const char* name, long value) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    long* setting = !strcmp(name, "memory") ? &settings.memory : !strcmp(name, "driver") ? &settings.driver
        : !strcmp(name, "order") ? &settings.order : !strcmp(name, "lazy") ? &settings.lazy
        : !strcmp(name, "fail_launch") ? &settings.failLaunch : !strcmp(name, "capability") ? &settings.capability : nullptr;
    if (!setting) return -1;
    if (setting == &settings.lazy) finishAll();
    long before = *setting;
    *setting = value;
    return before;
}

Status cuInit(unsigned) { initialized = true; return SUCCESS; }
Status cuDriverGetVersion(int* v) { *v = (int)settings.driver; return SUCCESS; }
Status cuDeviceGetCount(int* n) { *n = 1; return initialized ? SUCCESS : NOT_INITIALIZED; }
Status cuDeviceGet(int* d, int ordinal) { *d = 0; return !initialized ? NOT_INITIALIZED : ordinal ? INVALID_DEVICE : SUCCESS; }
Status cuDeviceGetName(char* name, int length, int) { snprintf(name, length, "Simulated CUDA device"); return SUCCESS; }
Status cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = settings.memory; return SUCCESS; }
Status cuDeviceGetAttribute(int* value, int attribute, int) {
    const std::map<int, int> attributes = {
        {1, 1024},    // threads a block
        {2, 1024}, {3, 1024}, {4, 64}, {5, 2147483647}, {6, 65535}, {7, 65535},
        {8, 49152},   // shared memory a block, without asking
        {10, 32},     // warp
        {12, 65536},  // registers a block
        {16, 4},      // multiprocessors
        {39, 2048},   // threads a multiprocessor
        {75, int(settings.capability / 10)}, {76, int(settings.capability % 10)},
        {81, 233472}, {97, 232448},  // shared memory of a multiprocessor, and of a block that asks
        {115, 1}};    // memory pools
    auto it = attributes.find(attribute);
    *value = it == attributes.end() ? 0 : it->second;
    return SUCCESS;
}

Status cuDevicePrimaryCtxRetain(void** context, int) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (!initialized) return NOT_INITIALIZED;
    ++contextUsers;
    *context = &theContext;
    return SUCCESS;
}
Status cuDevicePrimaryCtxRelease_v2(int) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (!contextUsers) return INVALID_CONTEXT;
    if (--contextUsers) return SUCCESS;
    finishAll();
    forgetAllocations();
    repair();
    return SUCCESS;
}
Status cuCtxSetCurrent(void* c) { currentContext = c; return SUCCESS; }
Status cuCtxGetCurrent(void** c) { *c = currentContext; return SUCCESS; }
Status cuCtxPushCurrent_v2(void* c) { currentContext = c; return SUCCESS; }
Status cuCtxPopCurrent_v2(void** c) { *c = currentContext; currentContext = nullptr; return SUCCESS; }
Status cuCtxGetDevice(int* d) { *d = 0; return currentContext ? SUCCESS : INVALID_CONTEXT; }

Status cuGetErrorName(int status, const char** text) {
    static const std::map<int, const char*> names = {
        {SUCCESS, "CUDA_SUCCESS"}, {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE"}, {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY"},
        {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED"}, {NO_DEVICE, "CUDA_ERROR_NO_DEVICE"}, {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE"},
        {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE"}, {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT"}, {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE"},
        {NOT_FOUND, "CUDA_ERROR_NOT_FOUND"}, {NOT_READY, "CUDA_ERROR_NOT_READY"}, {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS"},
        {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"}, {NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED"},
        {CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"}, {CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
        {CAPTURE_UNMATCHED, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED"}};
    auto it = names.find(status);
    *text = it == names.end() ? nullptr : it->second;
    return it == names.end() ? INVALID_VALUE : SUCCESS;
}
// The simulator knows more than hardware does, and says so here.
Status cuGetErrorString(int status, const char** text) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    const char* name = nullptr;
    cuGetErrorName(status, &name);
    errorText = status == failure && failure ? failureMessage : name ? std::string("simulated ") + name : "unknown error";
    *text = errorText.c_str();
    return SUCCESS;
}
Status cuCtxGetStreamPriorityRange(int* least, int* greatest) { *least = *greatest = 0; return SUCCESS; }
}
