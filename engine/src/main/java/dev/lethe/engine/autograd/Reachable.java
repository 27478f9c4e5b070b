package dev.lethe.engine.autograd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;

/// The search for the nodes that a backward walk goes through. One that is kept serves walk after
/// walk.
final class Reachable {
    private final Map<Node, Boolean> seen = new IdentityHashMap<>();
    private final Queue<Node> open =
            new PriorityQueue<>(Comparator.comparingLong(Node::number).reversed());
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
        // The latest first: no node met later comes before it.
        while (!open.isEmpty()) {
            Node node = open.remove();
            nodes.add(node);
            for (Tensor input : node.inputs()) {
                meet(input.node(), oldest);
            }
        }
        Collections.reverse(nodes);
        return nodes;
    }

    private void meet(Node maker, long oldest) {
        if (maker != null && maker.number() > oldest && seen.putIfAbsent(maker, true) == null) {
            open.add(maker);
        }
    }

    /// Lets go of the graph.
    void clear() {
        seen.clear();
        open.clear();
        nodes.clear();
    }
}
