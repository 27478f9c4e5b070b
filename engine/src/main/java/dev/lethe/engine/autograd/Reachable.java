package dev.lethe.engine.autograd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// The search for the nodes that a backward walk goes through. One that is kept serves walk after
/// walk.
final class Reachable {
    private final Map<Node, Boolean> seen = new IdentityHashMap<>();
    private final Deque<Node> open = new ArrayDeque<>();
    private final List<Node> nodes = new ArrayList<>();

    /// The nodes behind `output` that may lie above a target, makers before users. What is no younger
    /// than the oldest target cannot, so a walk through a composite ends at its aliases. Iterative:
    /// graphs are deeper than stacks.
    ///
    /// @return valid until the next search
    List<Node> from(Tensor output, List<Tensor> targets) {
        long oldest = Long.MAX_VALUE;
        for (int i = 0; i < targets.size(); i++) {
            Node maker = targets.get(i).node();
            oldest = Math.min(oldest, maker == null ? -1 : maker.number());
        }
        clear();
        meet(output.node(), oldest);
        while (!open.isEmpty()) {
            Node node = open.pop();
            nodes.add(node);
            for (Tensor input : node.inputs()) {
                meet(input.node(), oldest);
            }
        }
        nodes.sort(Comparator.comparingLong(Node::number));
        return nodes;
    }

    private void meet(Node maker, long oldest) {
        if (maker != null && maker.number() > oldest && seen.putIfAbsent(maker, true) == null) {
            open.push(maker);
        }
    }

    /// Lets go of the graph.
    void clear() {
        seen.clear();
        open.clear();
        nodes.clear();
    }
}
