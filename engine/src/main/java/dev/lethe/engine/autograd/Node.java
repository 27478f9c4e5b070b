package dev.lethe.engine.autograd;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/// One recorded call of an operation: what went in, what came out, what it kept.
///
/// Numbers rise in the order of creation, so descending numbers are an order in which every use of a
/// tensor comes before its making.
final class Node {
    private static final AtomicLong NEXT = new AtomicLong();

    private final Tensor[] inputs;
    private final int[] versions;
    private long number;
    private Op op;
    private Object saved;
    private Tensor output;
    private Tensor[] gradients; // of the inputs; null before the first backward pass

    private Node(Tensor[] inputs) {
        this.inputs = inputs;
        this.versions = new int[inputs.length + 1];
    }

    /// Attaches history to a result when recording is on and an input requires a gradient. The result
    /// must be new: nothing else may hold it yet.
    static Tensor record(Op op, Object saved, Tensor result, Tensor... inputs) {
        boolean needed = false;
        for (Tensor input : inputs) {
            needed |= input.requiresGradient();
        }
        if (needed && Recording.isOn()) {
            Node earlier = result.earlier();
            boolean same = earlier != null && Arrays.equals(earlier.inputs, inputs);
            (same ? earlier : new Node(inputs)).begin(op, saved, result);
        }
        return result;
    }

    /// As above for one input, without an array where a step before had the same.
    static Tensor record(Op op, Object saved, Tensor result, Tensor input) {
        if (input.requiresGradient() && Recording.isOn()) {
            Node earlier = result.earlier();
            boolean same =
                    earlier != null && earlier.inputs.length == 1 && earlier.inputs[0] == input;
            (same ? earlier : new Node(new Tensor[] {input})).begin(op, saved, result);
        }
        return result;
    }

    /// As above for two inputs.
    static Tensor record(Op op, Object saved, Tensor result, Tensor a, Tensor b) {
        if ((a.requiresGradient() || b.requiresGradient()) && Recording.isOn()) {
            Node earlier = result.earlier();
            boolean same =
                    earlier != null
                            && earlier.inputs.length == 2
                            && earlier.inputs[0] == a
                            && earlier.inputs[1] == b;
            (same ? earlier : new Node(new Tensor[] {a, b})).begin(op, saved, result);
        }
        return result;
    }

    /// As above for three inputs.
    static Tensor record(Op op, Object saved, Tensor result, Tensor a, Tensor b, Tensor c) {
        boolean needed = a.requiresGradient() || b.requiresGradient() || c.requiresGradient();
        if (needed && Recording.isOn()) {
            Node earlier = result.earlier();
            boolean same =
                    earlier != null
                            && earlier.inputs.length == 3
                            && earlier.inputs[0] == a
                            && earlier.inputs[1] == b
                            && earlier.inputs[2] == c;
            (same ? earlier : new Node(new Tensor[] {a, b, c})).begin(op, saved, result);
        }
        return result;
    }

    private void begin(Op made, Object kept, Tensor result) {
        number = NEXT.getAndIncrement();
        op = made;
        saved = kept;
        output = result;
        for (int i = 0; i < inputs.length; i++) {
            versions[i] = inputs[i].buffer().version();
        }
        versions[inputs.length] = result.buffer().version();
        result.madeBy(this);
    }

    /// Fails when a value that the backward pass may read was changed or freed since the forward pass.
    void requireUnchanged() {
        for (int i = 0; i <= inputs.length; i++) {
            Tensor tensor = i < inputs.length ? inputs[i] : output;
            if (!tensor.buffer().isLive()) {
                throw new IllegalStateException(
                        "%s backward: %s %s was freed with its arena before the backward pass; keep the arena open"
                                .formatted(op.name(), which(i), tensor));
            }
            if (tensor.buffer().version() != versions[i]) {
                throw new IllegalStateException(
                        "%s backward: %s %s was changed in place since the forward pass (version %d, now %d); take gradients before updating"
                                .formatted(
                                        op.name(),
                                        which(i),
                                        tensor,
                                        versions[i],
                                        tensor.buffer().version()));
            }
        }
    }

    private String which(int i) {
        return i < inputs.length ? "input " + i : "output";
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

    /// The gradient of the only input, in an array of this node's that serves step after step. It
    /// is valid until the next backward pass through the node.
    Tensor[] gradients(Tensor a) {
        Tensor[] all = gradients();
        all[0] = a;
        return all;
    }

    /// As above for two inputs; null where a gradient is not needed.
    Tensor[] gradients(Tensor a, Tensor b) {
        Tensor[] all = gradients();
        all[0] = a;
        all[1] = b;
        return all;
    }

    /// As above for three inputs.
    Tensor[] gradients(Tensor a, Tensor b, Tensor c) {
        Tensor[] all = gradients();
        all[0] = a;
        all[1] = b;
        all[2] = c;
        return all;
    }

    private Tensor[] gradients() {
        if (gradients == null) {
            gradients = new Tensor[inputs.length];
        }
        return gradients;
    }

    /// What the forward pass kept beyond inputs and output.
    Object saved() {
        return saved;
    }
}
