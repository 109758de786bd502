"""EfficientNet-Lite0 written down once more, as functions on the published names.

  efficientnet_lite0_oracle.py STATE IO   runs IO's "input" with the tensors of STATE (both
      safetensors) and prints the largest absolute difference to IO's activation at every block
      boundary ("0", "1", ...) and to its "logits"
"""
import sys

import torch
import torch.nn.functional as F

from zoo_oracle import read_safetensors

# repeats, stride, expansion (kernels and widths stand in the weights): Tan & Le 2019, table 1.
STAGES = [(1, 1, 1), (2, 2, 6), (2, 2, 6), (3, 2, 6), (3, 1, 6), (4, 2, 6), (1, 1, 6)]


def conv(x, weight, stride=1, groups=1):
    """TensorFlow's "same": ceil(size / stride) outputs, the odd padding after."""
    kernel = weight.shape[-1]
    pads = []
    for size in (x.shape[3], x.shape[2]):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return F.conv2d(F.pad(x, pads), weight, stride=stride, groups=groups)


def norm(state, x, name):
    values = [state[f"{name}.{part}"].view(1, -1, 1, 1) for part in ("running_mean", "running_var", "weight", "bias")]
    mean, var, weight, bias = values
    return (x - mean) / torch.sqrt(var + 1e-3) * weight + bias


def relu6(x):
    return torch.clamp(x, 0, 6)


def inverted_residual(state, x, name, stride, expansion):
    y = x
    if expansion > 1:
        y = relu6(norm(state, conv(y, state[name + "_expand_conv.weight"]), name + "_bn0"))
    y = conv(y, state[name + "_depthwise_conv.weight"], stride, groups=y.shape[1])
    y = relu6(norm(state, y, name + "_bn1"))
    y = norm(state, conv(y, state[name + "_project_conv.weight"]), name + "_bn2")
    return x + y if stride == 1 and x.shape == y.shape else y


def boundaries(state, x):
    x = relu6(norm(state, conv(x, state["_conv_stem.weight"], 2), "_bn0"))
    yield x
    index = 0
    for repeats, stride, expansion in STAGES:
        for i in range(repeats):
            x = inverted_residual(state, x, f"_blocks.{index}.", stride if i == 0 else 1, expansion)
            index += 1
        yield x
    yield relu6(norm(state, conv(x, state["_conv_head.weight"]), "_bn1"))


if __name__ == "__main__":
    torch.set_num_threads(2)
    state, io = read_safetensors(sys.argv[1]), read_safetensors(sys.argv[2])
    for i, x in enumerate(boundaries(state, io["input"])):
        print((x - io[str(i)]).abs().max().item())
    logits = F.linear(x.mean((2, 3)), state["_fc.weight"], state["_fc.bias"])
    print((logits - io["logits"]).abs().max().item())
