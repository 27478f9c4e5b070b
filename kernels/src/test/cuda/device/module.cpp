// Modules and launches. The text that the simulated NVRTC returns for PTX names the object that
// g++ made of the kernels; loading opens it and holds its entries against the text's.
#include "device.h"
#include "../kernels/kernel.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <memory>
#include <vector>

using namespace device;

namespace {
struct Module {
    void* object;
    const simt::Kernel* (*kernels)();
    const char* (*launch)(const simt::Kernel*, const unsigned*, const unsigned*, unsigned, void**, int);
    std::vector<void*> functions;
};
struct Function { Module* module; const simt::Kernel* kernel; unsigned mostShared; };

constexpr unsigned SHARED_UNASKED = 49152, SHARED_MOST = 232448, MOST_PARAMETER_BYTES = 4096;

const simt::Kernel* find(const Module& m, const std::string& name) {
    const simt::Kernel* k = m.kernels();
    while (k && name != k->name) k = k->next;
    return k;
}

// Sizes in bytes of ".param .u64 x, .param .align 8 .b8 x[16]" and the like up to ')'.
std::vector<int> parameterSizes(const char* entry) {
    std::vector<int> sizes;
    const char* end = strchr(entry, ')');
    for (const char* q = entry; end && (q = strstr(q, ".param .")) && q < end;) {
        q += 8;
        if (!strncmp(q, "align", 5)) sizes.push_back(atoi(strchr(q, '[') + 1));
        else sizes.push_back(atoi(q + 1) / 8);
    }
    return sizes;
}

bool entriesAgree(const Module& m, const char* text) {
    for (const char* e = text; (e = strstr(e, ".entry "));) {
        e += 7;
        std::string name(e, strcspn(e, "( \n"));
        const simt::Kernel* k = find(m, name);
        std::vector<int> sizes = parameterSizes(e);
        bool same = k && k->count == (int)sizes.size();
        for (int i = 0; same && i < k->count; i++) same = sizes[i] == k->sizes[i];
        if (!same) { fprintf(stderr, "[simulated cuda] entry %s of the text and of its object differ\n", name.c_str()); return false; }
    }
    return true;
}

// The parameters of one launch, by value.
struct Launch {
    Function function;
    unsigned grid[3], block[3], shared;
    std::vector<char> bytes;
    std::vector<size_t> offsets;

    Status run() {
        if (Status s = broken()) return s;
        counters.launches++;
        if (settings.failLaunch > 0 && --settings.failLaunch == 0) return fault(LAUNCH_FAILED, std::string(function.kernel->name) + ": this launch was told to fail");
        std::vector<void*> slots;
        const simt::Kernel& k = *function.kernel;
        for (int i = 0; i < k.count; i++) {
            slots.push_back(bytes.data() + offsets[i]);
            uintptr_t p = k.pointers[i] ? *(uintptr_t*)slots.back() : 0;
            if (p && !inside(p, 0)) return fault(ILLEGAL_ADDRESS, std::string(k.name) + ": argument " + std::to_string(i) + " is no device memory");
        }
        if (const char* what = function.module->launch(&k, grid, block, shared, slots.data(), (int)settings.order)) return fault(LAUNCH_FAILED, what);
        return checkRedZones(k.name);
    }
};
}  // namespace

extern "C" {
Status cuCtxGetCurrent(void** context);

Status cuModuleLoadData(void** module, const void* image) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    const char* text = (const char*)image;
    const char* named = strstr(text, "// simulated object: ");
    if (!strstr(text, ".version") || !named) return INVALID_IMAGE;
    named += 21;
    std::string path(named, strcspn(named, "\n"));
    void* object = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!object) { fprintf(stderr, "[simulated cuda] %s\n", dlerror()); return INVALID_IMAGE; }
    auto m = std::make_unique<Module>();
    m->object = object;
    *(void**)&m->kernels = dlsym(object, "simt_kernels");
    *(void**)&m->launch = dlsym(object, "simt_launch");
    if (!m->kernels || !m->launch || !entriesAgree(*m, text)) { dlclose(object); return INVALID_IMAGE; }
    *module = m.release();
    return SUCCESS;
}
Status cuModuleLoadDataEx(void** module, const void* image, unsigned, void*, void**) { return cuModuleLoadData(module, image); }
Status cuModuleUnload(void* module) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    finishAll();
    Module* m = (Module*)module;
    for (void* f : m->functions) delete (Function*)f;
    dlclose(m->object);
    delete m;
    return SUCCESS;
}
Status cuModuleGetFunction(void** function, void* module, const char* name) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    Module* m = (Module*)module;
    const simt::Kernel* k = find(*m, name);
    if (!k) return NOT_FOUND;
    m->functions.push_back(*function = new Function{m, k, SHARED_UNASKED});
    return SUCCESS;
}
Status cuFuncSetAttribute(void* function, int attribute, int value) {
    if (attribute == 8 && (value < 0 || unsigned(value) > SHARED_MOST)) return INVALID_VALUE;
    if (attribute == 8) ((Function*)function)->mostShared = value;
    return SUCCESS;
}
Status cuFuncGetAttribute(int* value, int attribute, void* function) {
    *value = attribute == 0 ? 1024 : attribute == 8 ? ((Function*)function)->mostShared : 0;
    return SUCCESS;
}

Status cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void* stream, void** parameters, void** extra) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    void* context = nullptr;
    cuCtxGetCurrent(&context);
    if (!context) return INVALID_CONTEXT;
    if (Status s = broken()) return s;
    Function* f = (Function*)function;
    if (extra || !gx || !gy || !gz || gy > 65535 || gz > 65535 || gx > 2147483647u || !bx || !by || !bz || bz > 64 || 1ull * bx * by * bz > 1024 || shared > f->mostShared) return INVALID_VALUE;
    auto launch = std::make_shared<Launch>(Launch{*f, {gx, gy, gz}, {bx, by, bz}, shared, {}, {}});
    for (int i = 0; i < f->kernel->count; i++) {
        size_t size = f->kernel->sizes[i], offset = (launch->bytes.size() + 15) / 16 * 16;
        launch->bytes.resize(offset + size);
        memcpy(launch->bytes.data() + offset, parameters[i], size);
        launch->offsets.push_back(offset);
    }
    if (launch->bytes.size() > MOST_PARAMETER_BYTES) return INVALID_VALUE;
    return submit(stream, [launch] { return launch->run(); });
}
}
