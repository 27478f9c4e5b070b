package dev.lethe.tools;

import org.junit.jupiter.api.BeforeAll;

class Bf16StageOnCudaTest extends Bf16StageContract {
    @BeforeAll
    static void requireDevice() {
        CudaDevice.require();
    }

    @Override
    String device() {
        return "cuda";
    }
}
