package dev.lethe.tools.study;

import dev.lethe.model.study.Anatomy;
import dev.lethe.model.study.Cosines;
import java.util.ArrayList;
import java.util.List;

/// Two gradients whose angle is of interest.
///
/// @param words what they are
/// @param one as [Cosines] names it
record AnatomyPair(String words, String one, String other) {
    /// The two terms of each objective that has two, then every two objectives.
    static List<AnatomyPair> of(Anatomy anatomy) {
        List<AnatomyPair> pairs = new ArrayList<>();
        List<Anatomy.OfObjective> all = anatomy.objectives();
        for (Anatomy.OfObjective of : all) {
            if (of.terms().size() == 2) {
                pairs.add(
                        new AnatomyPair(
                                of.name() + ": both terms",
                                of.name() + "." + of.terms().getFirst().name(),
                                of.name() + "." + of.terms().getLast().name()));
            }
        }
        for (int i = 0; i < all.size(); i++) {
            for (int j = i + 1; j < all.size(); j++) {
                String first = all.get(i).name();
                String second = all.get(j).name();
                pairs.add(new AnatomyPair(first + ", " + second, first, second));
            }
        }
        return pairs;
    }

    /// The pair's entry of a matrix of cosines.
    double in(double[][] matrix, Cosines cosines) {
        List<String> names = cosines.names();
        return matrix[names.indexOf(one)][names.indexOf(other)];
    }
}
