package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same bits with any number of threads, compiled and interpreted.
class RepeatabilityTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void threadsDoNotChangeTheBits(int threads) throws Exception {
        assertEquals(TrainingDigest.digest(1), TrainingDigest.digest(threads));
        assertEquals(
                TrainingDigest.digestDecorated(1), TrainingDigest.digestDecorated(threads));
    }

    @Test
    void theInterpreterGivesTheBitsOfCompiledCode() throws Exception {
        // Many runs here, so that C2 has compiled the kernels of the last of them.
        String compiled = "";
        for (int i = 0; i < 30; i++) {
            compiled = TrainingDigest.digest(2);
        }
        ChildJvm.Result interpreted =
                ChildJvm.run(List.of("-Xint"), TrainingDigest.class, "2");
        assertEquals(0, interpreted.exitCode(), interpreted.output());
        assertEquals(compiled, interpreted.lastLine());
    }

    @Test
    void otherStepsGiveOtherBits() throws Exception {
        ChildJvm.Result otherBlas =
                ChildJvm.run(List.of("-Dlethe.blas=off"), TrainingDigest.class, "1");
        assertEquals(0, otherBlas.exitCode(), otherBlas.output());
        assertNotEquals(TrainingDigest.digest(1), otherBlas.lastLine(), "the digest sees nothing");
    }
}
