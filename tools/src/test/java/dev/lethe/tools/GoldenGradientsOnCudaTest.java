package dev.lethe.tools;

import org.junit.jupiter.api.BeforeAll;

import java.util.List;

class GoldenGradientsOnCudaTest extends GoldenGradientsContract {
    @BeforeAll
    void requireDevice() {
        CudaDevice.require();
    }

    @Override
    List<String> devices() {
        return List.of("cuda");
    }
}
