package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Add.add;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Storage;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// The backward pass of training: gradients go straight to where they are wanted, are added in place,
/// and each value gives its memory back as soon as nothing behind it needs it.
///
/// A walk goes through the graph from the latest node to the first, so once a node is done nobody reads
/// its output or the gradient of it any more. What comes next finds that memory in the cache.
final class Backpropagation {
    /// What the walk knows of a tensor.
    private static final class Place {
        Tensor gradient; // so far
        Tensor destination; // of a target
        Tensor wider; // a destination of a wider type, to which a target's gradient goes at the end
        boolean leads; // to a target, or is one

        void deliver() {
            if (gradient == null) {
                Tensor to = wider == null ? destination : wider;
                elementwise(to).fill(0, to.buffer());
            } else if (wider != null) {
                elementwise(wider).copy(gradient.buffer(), wider.buffer());
            }
        }
    }

    /// How many gradients lie in a storage.
    private static final class Holders {
        int count;
    }

    private final TensorArena arena = TensorArena.current("backpropagate");
    private final Map<Tensor, Place> places = new IdentityHashMap<>();
    private final Map<Storage, Holders> holders = new IdentityHashMap<>();

    private Backpropagation() {}

    static void run(Tensor loss, List<Tensor> targets, List<Tensor> into) {
        Backpropagation walk = new Backpropagation();
        for (int i = 0; i < targets.size(); i++) {
            Place place = walk.place(targets.get(i));
            if (place.leads) {
                throw new IllegalArgumentException(
                        "backpropagate: target %d %s is named twice; give each its memory once"
                                .formatted(i, targets.get(i)));
            }
            place.leads = true;
            if (into.get(i).dtype() == targets.get(i).dtype()) {
                place.destination = into.get(i);
            } else {
                place.wider = into.get(i);
            }
        }
        List<Node> nodes = Autograd.reachable(loss, targets);
        for (Node node : nodes) {
            walk.lead(node);
        }
        walk.start(loss);
        for (Node node : nodes.reversed()) {
            walk.visit(node);
        }
        for (Tensor target : targets) {
            walk.places.get(target).deliver();
        }
    }

    private Place place(Tensor tensor) {
        return places.computeIfAbsent(tensor, _ -> new Place());
    }

    private void lead(Node node) {
        boolean leads = false;
        for (Tensor input : node.inputs()) {
            Place place = places.get(input);
            leads |= place != null && place.leads;
        }
        if (leads) {
            place(node.output()).leads = true;
        }
    }

    private void start(Tensor loss) {
        Place place = places.get(loss);
        if (place != null && place.leads) {
            receive(place, Tensor.filled(loss.dtype(), loss.shape(), 1));
        }
    }

    private void visit(Node node) {
        Place place = places.get(node.output());
        if (place != null && place.gradient != null) {
            node.requireUnchanged();
            pass(node, place.gradient);
            if (place.destination == null && place.wider == null) {
                release(place.gradient);
                place.gradient = null;
            }
        }
        useUp(node);
    }

    /// From the gradient of a node's output to those of its inputs.
    private void pass(Node node, Tensor gradient) {
        int count = node.inputs().length;
        boolean[] needed = new boolean[count];
        boolean rest = false;
        for (int i = 0; i < count; i++) {
            Place place = places.get(node.input(i));
            needed[i] = place != null && place.leads && !directly(node, gradient, i, place);
            rest |= needed[i];
        }
        if (!rest) {
            return;
        }
        int mark = arena.mark();
        Tensor[] gradients = node.op().backward(node, gradient, needed);
        Autograd.requireGradients(node, gradients, needed);
        for (int i = 0; i < count; i++) {
            if (needed[i]) {
                hold(gradients[i]); // all before the first is used: they may share memory
            }
        }
        arena.giveBackSince(mark, holders::containsKey); // the operation's own steps in between
        for (int i = 0; i < count; i++) {
            if (needed[i]) {
                receive(places.get(node.input(i)), gradients[i]);
                release(gradients[i]);
            }
        }
    }

    /// Whether the operation itself put the gradient of input `i` where it belongs.
    private boolean directly(Node node, Tensor gradient, int i, Place place) {
        if (place.gradient != null) {
            return mayGrow(place)
                    && node.op().backwardInto(node, gradient, i, place.gradient, true);
        }
        if (place.destination != null
                && node.op().backwardInto(node, gradient, i, place.destination, false)) {
            place.gradient = place.destination;
            return true;
        }
        return false;
    }

    private void receive(Place place, Tensor gradient) {
        if (place.gradient == null && place.destination != null) {
            elementwise(gradient).copy(gradient.buffer(), place.destination.buffer());
            place.gradient = place.destination;
        } else if (place.gradient == null) {
            place.gradient = gradient;
            hold(gradient);
        } else if (mayGrow(place)) {
            elementwise(gradient).addTo(gradient.buffer(), place.gradient.buffer());
        } else {
            Tensor sum = add(place.gradient, gradient);
            hold(sum);
            release(place.gradient);
            place.gradient = sum;
        }
    }

    /// Whether a gradient may be added to in place: no other lies in its memory.
    private boolean mayGrow(Place place) {
        Storage storage = place.gradient.buffer().storage();
        return place.gradient == place.destination
                || holders.get(storage).count == 1 && arena.owns(storage);
    }

    private static ElementwiseKernels elementwise(Tensor tensor) {
        return tensor.backend().elementwise();
    }

    private void hold(Tensor gradient) {
        holders.computeIfAbsent(gradient.buffer().storage(), _ -> new Holders()).count++;
    }

    private void release(Tensor gradient) {
        Storage storage = gradient.buffer().storage();
        Holders of = holders.get(storage);
        of.count--;
        if (of.count == 0) {
            holders.remove(storage);
            if (arena.owns(storage)) {
                arena.giveBack(storage);
            }
        }
    }

    /// Gives back the memory of a node's output, unless it is that of an input under another shape.
    private void useUp(Node node) {
        Storage storage = node.output().buffer().storage();
        for (Tensor input : node.inputs()) {
            if (input.buffer().storage() == storage) {
                return;
            }
        }
        if (storage.isLive() && arena.owns(storage) && !holders.containsKey(storage)) {
            arena.giveBack(storage);
        }
    }
}
