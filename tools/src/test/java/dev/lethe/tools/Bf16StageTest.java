package dev.lethe.tools;

class Bf16StageTest extends Bf16StageContract {
    @Override
    String device() {
        return "reference";
    }
}
