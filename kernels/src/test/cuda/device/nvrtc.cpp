// The NVRTC stand-in: g++ makes a shared object of a .cu source, and the "PTX" is a text that names
// the object and lists its entries, so that source -> compile -> PTX -> module -> launch is walked
// as with the real library. Kernels are found as `__global__ void name(` in the main source.
//
// The folder of this library holds simt/ (headers and runtime.o) and takes objects/.
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "../kernels/kernel.h"

extern char** environ;

namespace {
enum : int { OK = 0, INVALID_INPUT = 3, INVALID_OPTION = 5, COMPILATION_FAILED = 6, INTERNAL = 11 };

struct Program { std::string source, name, log, text; std::vector<std::pair<std::string, std::string>> headers; };

std::string folder() {
    Dl_info info;
    dladdr((void*)&folder, &info);
    std::string path = info.dli_fname;
    return path.substr(0, path.rfind('/'));
}
std::string read(const std::string& path) {
    std::string text;
    if (FILE* f = fopen(path.c_str(), "r")) {
        char block[4096];
        for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) text.append(block, n);
        fclose(f);
    }
    return text;
}
bool write(const std::string& path, const std::string& text) {
    FILE* f = fopen(path.c_str(), "w");
    if (!f) return false;
    bool whole = fwrite(text.data(), 1, text.size(), f) == text.size();
    return !fclose(f) && whole;
}
// FNV-1a, enough to tell sources apart.
std::string hash(const std::string& text) {
    unsigned long long h = 14695981039346656037ull;
    for (unsigned char c : text) h = (h ^ c) * 1099511628211ull;
    char hex[17];
    snprintf(hex, sizeof hex, "%016llx", h);
    return hex;
}

std::string withoutComments(const std::string& s) {
    std::string out;
    for (size_t i = 0; i < s.size(); i++) {
        if (s.compare(i, 2, "//") == 0) { while (i < s.size() && s[i] != '\n') i++; out += '\n'; }
        else if (s.compare(i, 2, "/*") == 0) { i = s.find("*/", i + 2); if (i == std::string::npos) break; i++; }
        else out += s[i];
    }
    return out;
}
std::vector<std::string> kernelNames(const std::string& source) {
    std::string s = withoutComments(source);
    std::vector<std::string> names;
    auto word = [](char c) { return isalnum((unsigned char)c) || c == '_'; };
    for (size_t at = 0; (at = s.find("__global__", at)) != std::string::npos;) {
        at += 10;
        for (;;) {
            size_t from = at;
            while (from < s.size() && !word(s[from])) from++;
            size_t to = from;
            while (to < s.size() && word(s[to])) to++;
            std::string w = s.substr(from, to - from);
            at = to;
            if (w == "void") continue;
            if (w == "__launch_bounds__") { at = s.find(')', to) + 1; continue; }
            if (!w.empty()) names.push_back(w);
            break;
        }
    }
    return names;
}

int run(std::vector<std::string> command, const std::string& log) {
    std::vector<char*> arguments;
    for (std::string& a : command) arguments.push_back(a.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    pid_t child;
    int failed = posix_spawnp(&child, arguments[0], &files, nullptr, arguments.data(), environ), status = -1;
    posix_spawn_file_actions_destroy(&files);
    if (failed) return -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return status;
}

std::string entries(const std::string& object) {
    void* h = dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!h) return "";
    auto kernels = (const simt::Kernel* (*)())dlsym(h, "simt_kernels");
    std::string text;
    for (const simt::Kernel* k = kernels ? kernels() : nullptr; k; k = k->next) {
        text += ".visible .entry " + std::string(k->name) + "(";
        for (int i = 0; i < k->count; i++) {
            int size = k->sizes[i];
            std::string type = size == 1 || size == 2 || size == 4 || size == 8 ? ".u" + std::to_string(8 * size) + " p" + std::to_string(i)
                : ".align 8 .b8 p" + std::to_string(i) + "[" + std::to_string(size) + "]";
            text += (i ? ", .param " : ".param ") + type;
        }
        text += ") { ret; }\n";
    }
    dlclose(h);
    return text;
}

bool compile(Program& p, const std::vector<std::string>& options) {
    std::string root = folder(), all = p.source;
    for (auto& h : p.headers) all += h.first + h.second;
    for (auto& o : options) all += o;
    std::string key = p.name + "-" + hash(all), object = root + "/objects/" + key + ".so";
    mkdir((root + "/objects").c_str(), 0755);
    std::string work = root + "/objects/" + key + "-XXXXXX";
    if (!mkdtemp(work.data())) { p.log = "cannot write to " + root; return false; }
    std::string main = p.source + "\n";
    for (auto& k : kernelNames(p.source)) main += "SIMT_KERNEL(" + k + ")\n";
    bool written = write(work + "/" + p.name, main);
    for (auto& h : p.headers) written = write(work + "/" + h.first, h.second) && written;
    std::vector<std::string> command = {"g++", "-std=c++17", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-ffp-contract=off", "-Wno-unknown-pragmas", "-Wno-attributes", "-I" + work, "-include", root + "/simt/simt.h", "-x", "c++", work + "/" + p.name, "-x", "none", root + "/simt/runtime.o", "-o", work + "/object.so"};
    for (auto& o : options) if (o.compare(0, 2, "-D") == 0) command.insert(command.begin() + 1, o);
    bool built = written && run(command, work + "/log") == 0 && rename((work + "/object.so").c_str(), object.c_str()) == 0;
    p.log = read(work + "/log");
    unlink((work + "/" + p.name).c_str());
    for (auto& h : p.headers) unlink((work + "/" + h.first).c_str());
    unlink((work + "/log").c_str());
    unlink((work + "/object.so").c_str());
    rmdir(work.c_str());
    if (built) p.text = "// Not PTX: the simulated NVRTC's answer.\n.version 8.6\n// simulated object: " + object + "\n" + entries(object);
    return built;
}
}  // namespace

extern "C" {
int nvrtcVersion(int* major, int* minor) { *major = 12; *minor = 6; return OK; }
int nvrtcGetNumSupportedArchs(int* count) { *count = 3; return OK; }
int nvrtcGetSupportedArchs(int* architectures) { architectures[0] = 75, architectures[1] = 80, architectures[2] = 90; return OK; }
const char* nvrtcGetErrorString(int status) { return status == OK ? "NVRTC_SUCCESS" : status == INVALID_OPTION ? "NVRTC_ERROR_INVALID_OPTION" : status == COMPILATION_FAILED ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR"; }
int nvrtcCreateProgram(void** program, const char* source, const char* name, int count, const char* const* headers, const char* const* names) {
    Program* p = new Program{source, name ? name : "default_program", "", "", {}};
    for (int i = 0; i < count; i++) p->headers.push_back({names[i], headers[i]});
    *program = p;
    return OK;
}
int nvrtcDestroyProgram(void** program) { delete (Program*)*program; *program = nullptr; return OK; }
int nvrtcCompileProgram(void* program, int count, const char* const* options) {
    static const char* const known[] = {"-D", "--gpu-architecture=compute_", "--gpu-architecture=sm_", "--fmad=", "--std=c++17", "--use_fast_math", "--define-macro=", "-default-device", "--extra-device-vectorization", "--generate-line-info"};
    Program* p = (Program*)program;
    std::vector<std::string> given(options, options + count);
    for (auto& o : given) {
        bool accepted = false;
        for (const char* k : known) accepted |= o.compare(0, strlen(k), k) == 0;
        if (!accepted) { p->log = "unrecognized option " + o + " found"; return INVALID_OPTION; }
    }
    return compile(*p, given) ? OK : COMPILATION_FAILED;
}
int nvrtcGetPTXSize(void* p, size_t* size) { *size = ((Program*)p)->text.size() + 1; return OK; }
int nvrtcGetPTX(void* p, char* text) { strcpy(text, ((Program*)p)->text.c_str()); return OK; }
int nvrtcGetProgramLogSize(void* p, size_t* size) { *size = ((Program*)p)->log.size() + 1; return OK; }
int nvrtcGetProgramLog(void* p, char* text) { strcpy(text, ((Program*)p)->log.c_str()); return OK; }
}
