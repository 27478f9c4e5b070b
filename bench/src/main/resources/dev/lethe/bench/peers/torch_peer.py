"""Lethe's work in PyTorch, eager or compiled, on the CPU in F32:

  train XS|S|M THREADS WARM SECONDS eager|compiled
  head ce|kl ROWS WIDTH VOCABULARY THREADS SECONDS eager|compiled

or on a GPU, in F32 (no TF32) or in BF16 by autocast over F32 weights:

  gpu 0.3B ROWS TOKENS WARM SECONDS eager|compiled f32|bf16

One configuration a process: torch.compile turns to slower dynamic shapes when a second one follows.
"""

import math
import statistics
import sys
import time

import torch
import torch.nn.functional as F

SIZES = {
    "XS": dict(h=64, L=4, N=4, K=2, D=16, I=256, V=260, T=12, B=256),
    "S": dict(h=128, L=4, N=4, K=2, D=32, I=512, V=256, T=64, B=64),
    "M": dict(h=320, L=6, N=8, K=4, D=64, I=1280, V=2048, T=256, B=8),
    "0.3B": dict(h=768, L=14, N=8, K=4, D=128, I=3072, V=256000, S=256),
}


def kib(field):
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1])
    raise SystemExit("/proc/self/status has no " + field)


def measured(warm, seconds, once):
    values = [once()]
    end = time.perf_counter() + warm
    while time.perf_counter() < end:
        values.append(once())
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        values.append(once())
        times.append(time.perf_counter() - begin)
    tenth = values[9] if len(values) > 9 else math.nan
    return "steps=%d first=%.4f tenth=%.4f last=%.4f seconds=%.6f" % (
        len(times), values[0], tenth, values[-1], statistics.median(times))


def chosen(function, mode):
    return function if mode == "eager" else torch.compile(function, fullgraph=True)


def norm(x, w):
    return x * (x * x).mean(-1, keepdim=True).add(1e-6).rsqrt() * (w + 1.0)


def train(c, mode):
    h, N, K, D, T, B, V = (c[k] for k in ("h", "N", "K", "D", "T", "B", "V"))
    G = N // K
    scale = c.get("S", D) ** -0.5
    parameters = []

    def parameter(*shape):
        values = torch.randn(*shape) * 0.02 if len(shape) == 2 else torch.zeros(*shape)
        parameters.append(values.requires_grad_(True))
        return parameters[-1]

    embedding = parameter(V, h)
    layers = [
        dict(
            q=parameter(N * D, h), k=parameter(K * D, h), v=parameter(K * D, h),
            o=parameter(h, N * D), gate=parameter(c["I"], h), up=parameter(c["I"], h),
            down=parameter(h, c["I"]), n1=parameter(h), n2=parameter(h), n3=parameter(h),
            n4=parameter(h))
        for _ in range(c["L"])
    ]
    final = parameter(h)
    angle = torch.arange(T)[:, None] / 10000 ** (torch.arange(0, D, 2) / D)
    cos = torch.cat([angle.cos()] * 2, -1)
    sin = torch.cat([-angle.sin(), angle.sin()], -1)
    mask = torch.full((T, T), -1e30).triu(1)

    def rope(x):
        return x * cos + torch.cat([x[..., D // 2:], x[..., :D // 2]], -1) * sin

    def loss(ids, targets):
        x = F.embedding(ids, embedding) * math.sqrt(h)
        for l in layers:
            y = norm(x, l["n1"])
            q = rope(F.linear(y, l["q"]).view(B, T, K, G, D).permute(0, 2, 3, 1, 4))
            k = rope(F.linear(y, l["k"]).view(B, T, K, D).permute(0, 2, 1, 3))
            v = F.linear(y, l["v"]).view(B, T, K, D).permute(0, 2, 1, 3)
            s = torch.matmul((q * scale).reshape(B, K, G * T, D), k.transpose(-1, -2))
            s = ((s / 50.0).tanh() * 50.0).view(B, K, G, T, T) + mask
            o = torch.matmul(torch.softmax(s, -1).view(B, K, G * T, T), v)
            o = o.view(B, K, G, T, D).permute(0, 3, 1, 2, 4).reshape(B, T, N * D)
            x = x + norm(F.linear(o, l["o"]), l["n2"])
            y = norm(x, l["n3"])
            m = F.gelu(F.linear(y, l["gate"]), approximate="tanh") * F.linear(y, l["up"])
            x = x + norm(F.linear(m, l["down"]), l["n4"])
        logits = (F.linear(norm(x, final), embedding) / 30.0).tanh() * 30.0
        return F.cross_entropy(logits.view(B * T, V), targets)

    fused = {"fused": True} if int(torch.__version__.split(".")[0]) >= 2 else {}
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0, **fused)
    function = chosen(loss, mode)
    ids = torch.randint(0, V, (B, T))
    targets = ((ids * 7 + 3) % V).view(-1)

    def step():
        optimizer.zero_grad(set_to_none=True)
        found = function(ids, targets)
        found.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        return found.item()

    return step


def train_on_gpu(size, rows, tokens, mode, dtype):
    torch.set_default_device("cuda")
    step = train(dict(SIZES[size], B=rows, T=tokens), mode)
    if dtype == "f32":
        return step

    def mixed():
        with torch.autocast("cuda", torch.bfloat16):
            return step()

    return mixed


def head(kind, rows, width, vocabulary, mode):
    hidden = torch.randn(rows, width).requires_grad_(True)
    weight = (torch.randn(vocabulary, width) * 0.02).requires_grad_(True)
    taught = torch.randn(rows, width)
    teacher = torch.randn(vocabulary, width) * 0.02 if kind == "kl" else None
    targets = torch.arange(rows) * 7 % vocabulary

    def logits(x, w):
        return (F.linear(x, w) / 30.0).tanh() * 30.0

    def cross_entropy():
        return F.cross_entropy(logits(hidden, weight), targets)

    def divergence():
        with torch.no_grad():
            fixed = torch.log_softmax(logits(taught, teacher), -1)
        student = torch.log_softmax(logits(hidden, weight), -1)
        return F.kl_div(student, fixed, reduction="sum", log_target=True) / rows

    function = chosen(divergence if kind == "kl" else cross_entropy, mode)

    def once():
        hidden.grad = weight.grad = None
        found = function()
        found.backward()
        return found.item()

    return once, 4 * (hidden.numel() + weight.numel())


def main(args):
    torch.manual_seed(1)
    if args[0] == "train":
        torch.set_num_threads(int(args[2]))
        result = measured(float(args[3]), float(args[4]), train(SIZES[args[1]], args[5]))
        print("peer %s peak_kib=%d" % (result, kib("VmHWM:")), flush=True)
        return
    if args[0] == "gpu":
        step = train_on_gpu(args[1], int(args[2]), int(args[3]), args[6], args[7])
        result = measured(float(args[4]), float(args[5]), step)
        print("peer %s peak_kib=%d" % (result, torch.cuda.max_memory_allocated() >> 10), flush=True)
        return
    kind, rows, width, vocabulary, threads = args[1], *map(int, args[2:6])
    torch.set_num_threads(threads)
    measured(3, 0, head(kind, rows, width, 2048, args[7])[0])
    if args[7] == "compiled":
        torch._dynamo.reset()  # or the large head would run the slower dynamic shapes
    once, gradients = head(kind, rows, width, vocabulary, args[7])
    # Compiled code of these shapes cannot be made on a smaller head: what that takes counts.
    base = kib("VmRSS:")
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    result = measured(0, float(args[6]), once)
    print("peer %s beyond_kib=%d" % (result, kib("VmHWM:") - base - gradients // 1024), flush=True)


main(sys.argv[1:])
