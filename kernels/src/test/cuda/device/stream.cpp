// Streams, events, and capture into graphs. A graph is the list of operations that were submitted
// while its stream was captured, with their parameters by value; replaying it runs them again.
#include "device.h"

#include <cstdio>
#include <memory>
#include <set>
#include <vector>

using namespace device;

namespace {
struct Graph { std::vector<Operation> operations; };
struct Stream { std::vector<Operation> waiting; std::unique_ptr<Graph> capture; bool spoiled = false; };
struct Event { Stream* stream = nullptr; bool recorded = false; double at = 0; };

Stream legacy;                // the null stream
std::set<Stream*> streams;
bool replaying = false;       // what is submitted is a graph's, not the host's

Stream* streamOf(void* handle) {
    // Null, or the special handles of the legacy and the per-thread stream.
    if ((uintptr_t)handle <= 2) return &legacy;
    auto it = streams.find((Stream*)handle);
    return it == streams.end() ? nullptr : *it;
}

Status runWaiting(Stream& s) {
    std::vector<Operation> work;
    work.swap(s.waiting);
    for (Operation& o : work) if (Status status = o()) return status;
    return SUCCESS;
}
}  // namespace

namespace device {
Status submit(void* stream, Operation operation) {
    Stream* s = streamOf(stream);
    if (!s) return INVALID_HANDLE;
    if (!replaying) counters.submissions++;
    if (s->capture) { s->capture->operations.push_back(std::move(operation)); return SUCCESS; }
    if (s == &legacy) if (Status status = outsideCapture("work on the null stream")) return status;
    if (settings.lazy) { s->waiting.push_back(std::move(operation)); return SUCCESS; }
    if (Status status = runWaiting(*s)) return status;
    return operation();
}

Status finish(void* stream) {
    Stream* s = streamOf(stream);
    return s ? runWaiting(*s) : INVALID_HANDLE;
}

Status finishAll() {
    Status first = runWaiting(legacy);
    for (Stream* s : streams) if (Status status = runWaiting(*s)) if (!first) first = status;
    return first;
}

Status outsideCapture(const char* call) {
    for (Stream* s : streams) {
        if (!s->capture) continue;
        s->spoiled = true;
        fprintf(stderr, "[simulated cuda] %s while a stream is captured\n", call);
        return CAPTURE_UNSUPPORTED;
    }
    return SUCCESS;
}
}  // namespace device

extern "C" {
Status cuStreamCreate(void** stream, unsigned) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    *stream = *streams.insert(new Stream).first;
    return broken();
}
Status cuStreamCreateWithPriority(void** stream, unsigned flags, int) { return cuStreamCreate(stream, flags); }
Status cuStreamDestroy_v2(void* stream) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    Stream* s = streamOf(stream);
    if (!s || s == &legacy) return INVALID_HANDLE;
    runWaiting(*s);
    streams.erase(s);
    delete s;
    return SUCCESS;
}
Status cuStreamSynchronize(void* stream) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    counters.synchronizations++;
    if (Status s = outsideCapture("cuStreamSynchronize")) return s;
    Status s = finish(stream);
    return s ? s : broken();
}
Status cuStreamQuery(void* stream) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    Status s = finish(stream);
    return s ? s : broken();
}
Status cuCtxSynchronize() {
    std::lock_guard<std::recursive_mutex> hold(lock);
    counters.synchronizations++;
    if (Status s = outsideCapture("cuCtxSynchronize")) return s;
    Status s = finishAll();
    return s ? s : broken();
}
Status cuStreamWaitEvent(void* stream, void* event, unsigned) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (!streamOf(stream)) return INVALID_HANDLE;
    Stream* other = ((Event*)event)->stream;
    return other && !other->capture ? runWaiting(*other) : SUCCESS;
}

Status cuEventCreate(void** event, unsigned) { *event = new Event; return SUCCESS; }
Status cuEventDestroy_v2(void* event) { delete (Event*)event; return SUCCESS; }
Status cuEventRecord(void* event, void* stream) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    Event* e = (Event*)event;
    e->stream = streamOf(stream);
    if (!e->stream) return INVALID_HANDLE;
    return submit(stream, [e] {
        timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        e->at = now.tv_sec * 1e3 + now.tv_nsec * 1e-6;
        e->recorded = true;
        return SUCCESS;
    });
}
Status cuEventSynchronize(void* event) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    counters.synchronizations++;
    if (Status s = outsideCapture("cuEventSynchronize")) return s;
    Event* e = (Event*)event;
    Status s = e->stream ? runWaiting(*e->stream) : SUCCESS;
    return s ? s : broken();
}
Status cuEventQuery(void* event) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (Status s = outsideCapture("cuEventQuery")) return s;
    Event* e = (Event*)event;
    Status s = e->stream ? runWaiting(*e->stream) : SUCCESS;
    return s ? s : broken();
}
Status cuEventElapsedTime(float* milliseconds, void* from, void* to) {
    Event *a = (Event*)from, *b = (Event*)to;
    if (!a->recorded || !b->recorded) return NOT_READY;
    *milliseconds = float(b->at - a->at);
    return SUCCESS;
}

Status cuStreamBeginCapture_v2(void* stream, int) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    Stream* s = streamOf(stream);
    if (!s) return INVALID_HANDLE;
    if (s == &legacy || s->capture) return CAPTURE_UNSUPPORTED;
    s->capture = std::make_unique<Graph>();
    s->spoiled = false;
    return broken();
}
Status cuStreamEndCapture(void* stream, void** graph) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    Stream* s = streamOf(stream);
    *graph = nullptr;
    if (!s || !s->capture) return CAPTURE_UNMATCHED;
    std::unique_ptr<Graph> captured = std::move(s->capture);
    if (s->spoiled) return CAPTURE_INVALIDATED;
    *graph = captured.release();
    return SUCCESS;
}
Status cuStreamIsCapturing(void* stream, int* status) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    Stream* s = streamOf(stream);
    if (!s) return INVALID_HANDLE;
    *status = s->capture ? (s->spoiled ? 2 : 1) : 0;
    return SUCCESS;
}
Status cuGraphInstantiateWithFlags(void** exec, void* graph, unsigned long long) { *exec = new Graph(*(Graph*)graph); return SUCCESS; }
Status cuGraphGetNodes(void* graph, void** nodes, size_t* count) {
    if (nodes) return NOT_SUPPORTED;
    *count = ((Graph*)graph)->operations.size();
    return SUCCESS;
}
Status cuGraphUpload(void*, void*) { return SUCCESS; }
Status cuGraphLaunch(void* exec, void* stream) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    if (Status s = broken()) return s;
    counters.replays++;
    counters.submissions++;
    Graph* g = (Graph*)exec;
    replaying = true;
    Status status = SUCCESS;
    for (Operation& o : g->operations) if ((status = submit(stream, o))) break;
    replaying = false;
    return status;
}
Status cuGraphExecDestroy(void* exec) { finishAll(); delete (Graph*)exec; return SUCCESS; }
Status cuGraphDestroy(void* graph) { delete (Graph*)graph; return SUCCESS; }

Status simulated_submit(void* stream, void (*run)(void*), void (*release)(void*), void* work) {
    std::lock_guard<std::recursive_mutex> hold(lock);
    std::shared_ptr<void> owned(work, release);
    if (Status s = broken()) return s;
    return submit(stream, [run, owned] { run(owned.get()); return broken(); });
}
}
