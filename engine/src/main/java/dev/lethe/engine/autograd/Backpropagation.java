package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Add.add;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// The backward pass of training: gradients go straight to where they are wanted, are added in place,
/// and each value gives its memory back as soon as nothing behind it needs it.
///
/// A walk goes through the graph from the latest node to the first, so once a node is done nobody reads
/// its output or the gradient of it any more. What comes next finds that memory in the cache.
///
/// Made once for a set of targets and the memory for their gradients, and run on graph after graph,
/// by one thread at a time.
public final class Backpropagation {
    private static final String NAME = "backpropagate";

    /// What the walk knows of a tensor.
    private static final class Place {
        Tensor gradient; // so far
        Tensor destination; // of a target
        Tensor wider; // a destination of a wider type, to which a target's gradient goes at the end
        boolean leads; // to a target, or is one

        Place cleared() {
            gradient = null;
            destination = null;
            wider = null;
            leads = false;
            return this;
        }

        void deliver() {
            if (gradient == null) {
                Tensor to = wider == null ? destination : wider;
                elementwise(to).fill(0, to.buffer());
            } else if (wider != null) {
                elementwise(wider).copy(gradient.buffer(), wider.buffer());
            }
        }
    }

    private final List<Tensor> targets;
    private final List<Tensor> into;
    private final Reachable reachable = new Reachable();
    private final Map<Tensor, Place> places = new IdentityHashMap<>();
    private final List<Place> made = new ArrayList<>(); // of this and earlier walks
    private int placed; // of these, in this walk
    private final Map<Storage, Integer> holders = new IdentityHashMap<>(); // gradients in a storage
    private final Predicate<Storage> held = holders::containsKey;
    private boolean[][] needed = new boolean[4][]; // by the number of inputs
    private TensorArena arena;

    /// @param targets leaves, or tensors of the graphs to come
    /// @param into memory for their gradients, one a target, of its shape and type (or, for BF16, in
    ///     F32)
    public Backpropagation(List<Tensor> targets, List<Tensor> into) {
        Autograd.requireGradients(NAME, targets);
        if (into.size() != targets.size()) {
            throw new IllegalArgumentException(
                    "backpropagate: expected memory for %d gradients, got %d"
                            .formatted(targets.size(), into.size()));
        }
        for (int i = 0; i < into.size(); i++) {
            requireRoom(i, targets.get(i), into.get(i));
        }
        this.targets = List.copyOf(targets);
        this.into = List.copyOf(into);
    }

    private static void requireRoom(int i, Tensor target, Tensor into) {
        boolean typed =
                into.dtype() == target.dtype() || into.dtype() == target.dtype().accumulator();
        if (!typed || !into.shape().equals(target.shape())) {
            throw new IllegalArgumentException(
                    "backpropagate: gradient %d must be %s%s, got %s"
                            .formatted(i, target.dtype(), target.shape(), into));
        }
    }

    /// Overwrites the memory with the gradients of a scalar loss and uses its graph up, as
    /// [Autograd#backpropagate] says.
    public void run(Tensor loss) {
        Autograd.requireScalar(NAME, loss);
        arena = TensorArena.current(NAME);
        Recording.set(
                false,
                () -> {
                    walk(loss);
                    return null;
                });
    }

    private void walk(Tensor loss) {
        try {
            for (int i = 0; i < targets.size(); i++) {
                aim(i);
            }
            List<Node> nodes = reachable.from(loss, targets);
            for (int i = 0; i < nodes.size(); i++) {
                lead(nodes.get(i));
            }
            start(loss);
            for (int i = nodes.size() - 1; i >= 0; i--) {
                visit(nodes.get(i));
            }
            for (int i = 0; i < targets.size(); i++) {
                places.get(targets.get(i)).deliver();
            }
        } finally {
            reachable.clear();
            places.clear();
            holders.clear();
            placed = 0;
        }
    }

    private void aim(int i) {
        Place place = place(targets.get(i));
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

    private Place place(Tensor tensor) {
        Place place = places.get(tensor);
        if (place == null) {
            if (placed == made.size()) {
                made.add(new Place());
            }
            place = made.get(placed++).cleared();
            places.put(tensor, place);
        }
        return place;
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
        boolean[] needed = needed(count);
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
        arena.giveBackSince(mark, held); // the operation's own steps in between
        for (int i = 0; i < count; i++) {
            if (needed[i]) {
                receive(places.get(node.input(i)), gradients[i]);
                release(gradients[i]);
            }
        }
    }

    /// An array for as many inputs; contents undefined.
    private boolean[] needed(int inputs) {
        if (inputs >= needed.length) {
            needed = Arrays.copyOf(needed, inputs + 1);
        }
        if (needed[inputs] == null) {
            needed[inputs] = new boolean[inputs];
        }
        return needed[inputs];
    }

    /// Whether the operation itself put the gradient of input `i` where it belongs.
    private boolean directly(Node node, Tensor gradient, int i, Place place) {
        if (place.gradient != null) {
            return mayGrow(place)
                    && node.op().backwardInto(node, gradient, i, growing(place), true);
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
            elementwise(gradient).addTo(gradient.buffer(), growing(place).buffer());
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
                || holders.get(storage) == 1 && arena.owns(storage);
    }

    private static Tensor growing(Place place) {
        place.gradient = place.gradient.unknown();
        return place.gradient;
    }

    private static ElementwiseKernels elementwise(Tensor tensor) {
        return tensor.backend().elementwise();
    }

    private void hold(Tensor gradient) {
        holders.merge(gradient.buffer().storage(), 1, Integer::sum);
    }

    private void release(Tensor gradient) {
        Storage storage = gradient.buffer().storage();
        int left = holders.get(storage) - 1;
        if (left > 0) {
            holders.put(storage, left);
        } else {
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
