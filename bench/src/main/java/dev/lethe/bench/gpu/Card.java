package dev.lethe.bench.gpu;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The GPU under test.
///
/// @param name as the driver calls it
/// @param description with memory, compute capability and versions of the libraries
record Card(String name, String description, boolean simulated) {
    private static final double TERA = 1e12;

    /// Dense BF16 tensor-core rates with F32 accumulation, in TFLOP/s, from NVIDIA's data sheets:
    /// what they give "with sparsity" halved. The first whose words are all in the name counts, so
    /// a name that is part of another comes after it.
    private static final Map<String, Double> DENSE_BF16 = new LinkedHashMap<>();

    static {
        // H100 and H200 data sheets: SXM 1979, H100 PCIe 1513, NVL 1671, all with sparsity. GH200
        // and H800 have the SXM's and the PCIe's chip; H20 data sheet: 148, dense.
        DENSE_BF16.put("h100 pcie", 756.5);
        DENSE_BF16.put("h800 pcie", 756.5);
        DENSE_BF16.put("h100 nvl", 835.5);
        DENSE_BF16.put("h200 nvl", 835.5);
        DENSE_BF16.put("gh200", 989.4);
        DENSE_BF16.put("h200", 989.4);
        DENSE_BF16.put("h100", 989.4);
        DENSE_BF16.put("h800", 989.4);
        DENSE_BF16.put("h20", 148.0);
        // HGX B200: 36 PFLOP/s of eight with sparsity; GB200 NVL72: 360 of seventy-two.
        DENSE_BF16.put("b200", 2250.0);
        DENSE_BF16.put("gb200", 2500.0);
        // A100, A30, A40, A10 and A10G data sheets, which give dense rates too.
        DENSE_BF16.put("a100", 312.0);
        DENSE_BF16.put("a800", 312.0);
        DENSE_BF16.put("a30", 165.0);
        DENSE_BF16.put("a40", 149.7);
        DENSE_BF16.put("a10g", 70.0);
        DENSE_BF16.put("a10", 125.0);
        // L40S 733, L40 362.1, L4 242 with sparsity; the L40S's own sheet gives 362.05 dense.
        DENSE_BF16.put("l40s", 362.05);
        DENSE_BF16.put("l40", 181.05);
        DENSE_BF16.put("l4", 121.0);
        // White papers of the Ada, Blackwell RTX and GA102 architectures, the rows "BF16 with FP32
        // accumulate": half of what GeForce cards do with FP16 accumulate.
        DENSE_BF16.put("rtx 4090", 165.2);
        DENSE_BF16.put("rtx 5090", 209.5);
        DENSE_BF16.put("rtx 3090", 71.0);
        DENSE_BF16.put("rtx 6000 ada", 364.2);
        DENSE_BF16.put("rtx a6000", 154.8);
    }

    /// As outputs name the device.
    String device() {
        return simulated ? "cuda (simulated)" : "cuda";
    }

    /// The name of its folder.
    String folder() {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }

    /// Operations a second, where the card is known.
    Optional<Double> denseBf16() {
        return simulated ? Optional.empty() : peak(name);
    }

    static Optional<Double> peak(String name) {
        String words = " " + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", " ") + " ";
        if (hasAll(words, "mig")) { // a slice of a card, of which the name gives the whole
            return Optional.empty();
        }
        return DENSE_BF16.entrySet().stream()
                .filter(entry -> hasAll(words, entry.getKey()))
                .findFirst()
                .map(entry -> entry.getValue() * TERA);
    }

    private static boolean hasAll(String words, String wanted) {
        for (String word : wanted.split(" ")) {
            if (!words.contains(" " + word + " ")) {
                return false;
            }
        }
        return true;
    }

    /// The share of the peak that training of the 0.3B model is to reach; 0 where there is none.
    double targetShare() {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.contains("a100") || lower.contains("a800")) {
            return 0.45;
        }
        boolean hopper = lower.matches(".*h(100|200|800).*");
        return hopper ? 0.30 : 0;
    }
}
