package dev.lethe.engine.kernelled;

import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.memory.Buffer;

record LoopRope(Doubles doubles) implements RopeKernels {
    @Override
    public void rotate(Rotation rotation, boolean inverse, Buffer x, Buffer y) {
        double[] in = doubles.read(x);
        double[] out = new double[in.length];
        int width = rotation.headDim();
        int half = width / 2;
        int vectors = rotation.batch() * rotation.tokens() * rotation.heads();
        for (int vector = 0; vector < vectors; vector++) {
            int token = vector / rotation.heads() % rotation.tokens();
            for (int j = 0; j < half; j++) {
                double turn = Math.pow(rotation.theta(), -2.0 * j / width);
                double angle = (rotation.firstPosition() + token) * turn * (inverse ? -1 : 1);
                double a = in[vector * width + j];
                double b = in[vector * width + half + j];
                out[vector * width + j] = a * Math.cos(angle) - b * Math.sin(angle);
                out[vector * width + half + j] = b * Math.cos(angle) + a * Math.sin(angle);
            }
        }
        doubles.write(y, out);
    }
}
