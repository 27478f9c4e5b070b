package dev.lethe.kernels.cpu;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which libraries multiply matrices in this process, and why one does not.
///
/// `-Dlethe.blas=openblas` keeps oneDNN out, `-Dlethe.blas=off` OpenBLAS too. Without OpenBLAS,
/// which has F64 and small products, all runs in the Vector API.
///
/// @param gemm what multiplies
/// @param openBlasMissing why OpenBLAS is not in use; empty where it is
/// @param oneDnnMissing why oneDNN is not in use; empty where it is
record MatrixLibraries(
        Gemm gemm, Optional<String> openBlasMissing, Optional<String> oneDnnMissing) {
    private static final String PROPERTY = "lethe.blas";
    private static final Logger LOG = LoggerFactory.getLogger(MatrixLibraries.class);

    /// Loaded at first use; what is missing is logged then.
    static MatrixLibraries ofThisProcess() {
        return Process.LIBRARIES;
    }

    private static final class Process {
        static final MatrixLibraries LIBRARIES = look(System.getProperty(PROPERTY, ""));
    }

    private static MatrixLibraries look(String wish) {
        if (wish.equals("off")) {
            LOG.info("OpenBLAS is off (lethe.blas=off); matmul runs in the Vector API");
            return without("switched off by -Dlethe.blas=off; remove it");
        }
        Optional<OpenBlas> openBlas = OpenBlas.available();
        if (openBlas.isEmpty()) {
            LOG.warn(
                    "OpenBLAS is not available ({}); matmul runs in the Vector API",
                    OpenBlas.failure());
            return without(OpenBlas.failure());
        }
        if (wish.equals("openblas")) {
            LOG.info("oneDNN is off (lethe.blas=openblas); OpenBLAS multiplies all matrices");
            return with(openBlas.get(), "switched off by -Dlethe.blas=openblas; remove it");
        }
        Optional<OneDnn> oneDnn = OneDnn.before(openBlas.get());
        if (oneDnn.isEmpty()) {
            LOG.warn(
                    "oneDNN is not available ({}); OpenBLAS multiplies all matrices",
                    OneDnn.failure());
            return with(openBlas.get(), OneDnn.failure());
        }
        return new MatrixLibraries(oneDnn.get(), Optional.empty(), Optional.empty());
    }

    private static MatrixLibraries with(OpenBlas openBlas, String oneDnnMissing) {
        return new MatrixLibraries(openBlas, Optional.empty(), Optional.of(oneDnnMissing));
    }

    private static MatrixLibraries without(String openBlasMissing) {
        return new MatrixLibraries(
                new VectorGemm(),
                Optional.of(openBlasMissing),
                Optional.of("comes only beside OpenBLAS, which is not in use"));
    }
}
