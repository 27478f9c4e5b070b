package dev.lethe.bench.model;

import dev.lethe.bench.results.Work;
import dev.lethe.engine.backend.Backend;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A backend that does what another does and keeps the time of every kernel's method. For one
/// thread.
///
/// It times its own work too, so that this counts as neither the kernels' nor the engine's; what is
/// left of it is the way into a proxy and out, some ten nanoseconds a call.
public final class KernelClock {
    /// What one method did since the last [#reset].
    ///
    /// @param calls made
    /// @param seconds spent
    /// @param flops of matrix products; 0 for other kernels
    /// @param bytes of all buffers given
    public record Spent(long calls, double seconds, double flops, double bytes) {
        Spent plus(double more, double moreFlops, double moreBytes) {
            return new Spent(calls + 1, seconds + more, flops + moreFlops, bytes + moreBytes);
        }
    }

    private final Map<String, Spent> byKernel = new TreeMap<>();
    private final Map<Object, Object> timed = new IdentityHashMap<>();
    private final Backend backend;
    private double own; // seconds

    public KernelClock(Backend inner) {
        this.backend = (Backend) proxy(Backend.class, (self, method, args) -> {
            if (method.isDefault() && method.getName().startsWith("open")) {
                return InvocationHandler.invokeDefault(self, method, args);
            }
            return timed(call(inner, method, args));
        });
    }

    /// The backend whose kernels are timed.
    public Backend backend() {
        return backend;
    }

    /// Forgets all.
    public void reset() {
        byKernel.clear();
        own = 0;
    }

    /// By `Family.method`, for instance `MatMul.multiply NT`.
    public Map<String, Spent> spent() {
        return Map.copyOf(byKernel);
    }

    /// Seconds of all kernels.
    public double seconds() {
        double seconds = 0;
        for (Spent spent : byKernel.values()) {
            seconds += spent.seconds();
        }
        return seconds;
    }

    /// Seconds of the clock's own work.
    public double ownSeconds() {
        return own;
    }

    private static Object proxy(Class<?> type, InvocationHandler handler) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
    }

    private Object timed(Object result) {
        if (result instanceof Optional<?> optional) {
            return optional.map(this::timed);
        }
        return result == null ? null : timed.computeIfAbsent(result, this::wrapped);
    }

    private Object wrapped(Object kernels) {
        for (Class<?> type : kernels.getClass().getInterfaces()) {
            if (type.getSimpleName().endsWith("Kernels")) {
                String family = type.getSimpleName().replace("Kernels", "");
                return proxy(type, (_, method, args) -> clocked(family, kernels, method, args));
            }
        }
        return kernels;
    }

    private Object clocked(String family, Object kernels, Method method, Object[] args)
            throws Throwable {
        if (args == null) { // a question about the kernels, no work
            return call(kernels, method, null);
        }
        long entered = System.nanoTime();
        Work work = KernelWork.of(method.getName(), args);
        String name = family + "." + method.getName() + KernelWork.form(args);
        long begin = System.nanoTime();
        Object result = call(kernels, method, args);
        long end = System.nanoTime();
        Spent before = byKernel.getOrDefault(name, new Spent(0, 0, 0, 0));
        byKernel.put(name, before.plus((end - begin) * 1e-9, work.flops(), work.bytes()));
        own += (begin - entered + System.nanoTime() - end) * 1e-9;
        return result;
    }

    private static Object call(Object target, Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(target, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
