package dev.lethe.tools;

import java.util.List;

class GoldenGradientsTest extends GoldenGradientsContract {
    @Override
    List<String> devices() {
        return List.of("reference", "cpu");
    }
}
