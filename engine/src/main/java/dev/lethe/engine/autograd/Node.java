package dev.lethe.engine.autograd;

import java.util.concurrent.atomic.AtomicLong;

/// One recorded call of an operation: what went in, what came out, what it kept.
///
/// Numbers rise in the order of creation, so descending numbers are an order in which every use of a
/// tensor comes before its making.
final class Node {
    private static final AtomicLong NEXT = new AtomicLong();

    private final long number = NEXT.getAndIncrement();
    private final Op op;
    private final Tensor[] inputs;
    private final Object saved;
    private final int[] versions;
    private Tensor output;

    private Node(Op op, Object saved, Tensor[] inputs) {
        this.op = op;
        this.saved = saved;
        this.inputs = inputs;
        this.versions = new int[inputs.length + 1];
    }

    /// Attaches history to a result when recording is on and an input requires a gradient.
    static Tensor record(Op op, Object saved, Tensor result, Tensor... inputs) {
        if (!Recording.isOn()) {
            return result;
        }
        boolean needed = false;
        for (Tensor input : inputs) {
            needed |= input.requiresGradient();
        }
        if (!needed) {
            return result;
        }
        Node node = new Node(op, saved, inputs);
        node.output = result.madeBy(node);
        for (int i = 0; i < inputs.length; i++) {
            node.versions[i] = inputs[i].buffer().version();
        }
        node.versions[inputs.length] = result.buffer().version();
        return node.output;
    }

    /// Fails when a value that the backward pass may read was changed or freed since the forward pass.
    void requireUnchanged() {
        for (int i = 0; i <= inputs.length; i++) {
            Tensor tensor = i < inputs.length ? inputs[i] : output;
            String which = i < inputs.length ? "input " + i : "output";
            if (!tensor.buffer().isLive()) {
                throw new IllegalStateException(
                        "%s backward: %s %s was freed with its arena before the backward pass; keep the arena open"
                                .formatted(op.name(), which, tensor));
            }
            if (tensor.buffer().version() != versions[i]) {
                throw new IllegalStateException(
                        "%s backward: %s %s was changed in place since the forward pass (version %d, now %d); take gradients before updating"
                                .formatted(
                                        op.name(),
                                        which,
                                        tensor,
                                        versions[i],
                                        tensor.buffer().version()));
            }
        }
    }

    long number() {
        return number;
    }

    Op op() {
        return op;
    }

    Tensor[] inputs() {
        return inputs;
    }

    Tensor input(int i) {
        return inputs[i];
    }

    Tensor output() {
        return output;
    }

    /// What the forward pass kept beyond inputs and output.
    Object saved() {
        return saved;
    }
}
