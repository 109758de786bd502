"""Torchvision's word on the zoo, and timm's on what torchvision has not.

LIBRARY is torchvision, or the wheel of timm, which is imported as it is.

  zoo_oracle.py save LIBRARY FOLDER ARCH... for each architecture ARCH:
      ARCH.names            every parameter and buffer: "name size size ..."
      ARCH.pth              a random state dict, saved by torch.save
      ARCH.macs             multiply-adds of the convolutions and linear layers in each block, for one
                            image, without taps that see padding alone, a line each
      ARCH.safetensors      for each input size SIZE "SIZE/input", the activation at every block
                            boundary ("SIZE/0", "SIZE/1", ...) and, where the classifier is in the state
                            dict, "SIZE/logits"
  zoo_oracle.py features LIBRARY FOLDER MODEL...  for each of timm's models: MODEL.pth, a random state dict,
      and MODEL.safetensors, "input" and "features", what is below the head
  zoo_oracle.py load LIBRARY ARCH STATE IO  loads STATE (safetensors) strictly, runs IO's "input" and prints
                                    the largest absolute difference to IO's "logits"
"""
import importlib
import json
import pathlib
import re
import struct
import sys
import warnings

import numpy
import torch
import torchvision

DTYPES = {"F32": numpy.float32, "I64": numpy.int64, "U8": numpy.uint8}
SIZE, BATCH = 96, 2
MORE_SIZES = {"inception_v3": [75], "squeezenet1_1": [100]}  # the smallest; one that no stride divides
TIMM_NAMES = {"xception": "legacy_xception", "inception_resnet_v2": "inception_resnet_v2"}


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.contiguous().numpy().tobytes())


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        first, last = entry["data_offsets"]
        array = numpy.frombuffer(data[start + first:start + last], DTYPES[entry["dtype"]])
        tensors[name] = torch.from_numpy(array.reshape(entry["shape"]).copy())
    return tensors


def build(arch):
    """A model with undefined weights: randomize() or a state dict fills them."""
    if arch in TIMM_NAMES:
        return importlib.import_module("timm").create_model(TIMM_NAMES[arch])
    more = {"init_weights": False} if arch.startswith(("vgg", "inception", "googlenet")) else {}
    return torchvision.models.get_model(arch, weights=None, **more)


def randomize(model):
    """Weights, biases and running statistics that keep activations near 1 and are all different."""
    for name, tensor in model.state_dict().items():
        if tensor.dtype == torch.int64:
            tensor.fill_(7)
        elif tensor.dim() > 1:
            bound = (6 / tensor[0].numel()) ** 0.5
            tensor.uniform_(-bound, bound)
        elif name.endswith("running_var"):
            tensor.uniform_(0.6, 1.4)
        elif name.endswith("weight"):  # of a normalization; below 1, since residuals add up
            tensor.uniform_(0.5, 1.0)
        else:
            tensor.uniform_(-0.2, 0.2)


def runs(layers, ends):
    """Layers cut behind the indices `ends`."""
    return [list(layers[first:last]) for first, last in zip([0] + ends, ends)]


def feature_ends(arch, model):
    """Where the blocks of a network end that has all its layers in `features`."""
    if arch.startswith("vgg"):
        return [i + 1 for i, layer in enumerate(model.features) if isinstance(layer, torch.nn.MaxPool2d)]
    if arch.startswith("efficientnet"):
        return list(range(1, len(model.features) + 1))
    return {"squeezenet1_1": [3, 4, 6, 7, 9, 10, 11, 12, 13],
            "mobilenet_v2": [1, 2, 4, 7, 11, 14, 17, 18, 19],
            "mobilenet_v3_small": [1, 2, 4, 7, 9, 12, 13],
            "mobilenet_v3_large": [1, 2, 4, 7, 11, 13, 16, 17],
            "convnext_tiny": [1, 2, 4, 6, 8],
            "convnext_small": [1, 2, 4, 6, 8]}[arch]


def block_names(arch):
    """The names of the modules of each block, where they have names of their own."""
    if arch == "inception_v3":
        stem = "Conv2d_1a_3x3 Conv2d_2a_3x3 Conv2d_2b_3x3 maxpool1 Conv2d_3b_1x1 Conv2d_4a_3x3 maxpool2"
        return [stem, *["Mixed_" + m for m in "5b 5c 5d 6a 6b 6c 6d 6e 7a 7b 7c".split()]]
    if arch == "googlenet":
        return ["conv1 maxpool1 conv2 conv3 maxpool2", "inception3a", "inception3b maxpool3",
                "inception4a", "inception4b", "inception4c", "inception4d", "inception4e maxpool4",
                "inception5a", "inception5b"]
    if arch.startswith("densenet"):
        features = ["features.conv0 features.norm0 features.relu0 features.pool0"]
        features += [f"features.denseblock{i} features.transition{i}" for i in (1, 2, 3)]
        return [*features, "features.denseblock4 features.norm5"]
    if arch.startswith("shufflenet"):
        return ["conv1 maxpool", "stage2", "stage3", "stage4", "conv5"]
    if arch == "xception":
        return ["conv1 bn1 act1 conv2 bn2 act2", *[f"block{i}" for i in range(1, 13)],
                "conv3 bn3 act3 conv4 bn4 act4"]
    if arch == "inception_resnet_v2":
        return ["conv2d_1a conv2d_2a conv2d_2b maxpool_3a conv2d_3b conv2d_4a maxpool_5a", "mixed_5b", "repeat",
                "mixed_6a", "repeat_1", "mixed_7a", "repeat_2 block8", "conv2d_7b"]
    if arch.startswith("regnet"):
        return ["stem", *[f"trunk_output.block{i}" for i in (1, 2, 3, 4)]]
    return ["conv1 bn1 relu maxpool", "layer1", "layer2", "layer3", "layer4"]  # ResNets


def block_layers(arch, model):
    """The modules of each block, in order."""
    if arch.startswith(("vgg", "squeezenet", "mobilenet", "efficientnet", "convnext")):
        ends = feature_ends(arch, model)
        return [list(model.features[first:last]) for first, last in zip([0] + ends, ends)]
    blocks = [[model.get_submodule(name) for name in names.split()] for names in block_names(arch)]
    if arch.startswith("densenet"):
        blocks[-1].append(torch.nn.ReLU())  # in forward() there
    return blocks


def seen_taps(layer, axis, size, outputs):
    """How many taps of a kernel meet a pixel at some output; the others see padding alone."""
    stride, padding = layer.stride[axis], layer.padding[axis]
    return sum(any(0 <= output * stride - padding + tap < size for output in range(outputs))
               for tap in range(layer.kernel_size[axis]))


def add_macs(macs, layer, x, out):
    weights = layer.weight[0].numel()
    if isinstance(layer, torch.nn.Conv2d):
        weights = layer.weight.shape[1]
        for axis in (0, 1):
            weights *= seen_taps(layer, axis, x.shape[2 + axis], out.shape[2 + axis])
    macs[-1] += out[0].numel() * weights


def run_blocks(arch, model, x):
    """The activation behind each block, and the block's multiply-adds for one image of `x`."""
    activations, macs = [], []
    for block in block_layers(arch, model):
        macs.append(0)
        layers = torch.nn.Sequential(*block)
        hooks = [layer.register_forward_hook(lambda layer, x, out: add_macs(macs, layer, x[0], out))
                 for layer in layers.modules() if isinstance(layer, (torch.nn.Conv2d, torch.nn.Linear))]
        x = layers(x)
        activations.append(x)
        for hook in hooks:
            hook.remove()
    return activations, macs


def save(folder, arch, with_classifier):
    model = build(arch).eval()
    randomize(model)
    state = model.state_dict()
    (folder / f"{arch}.names").write_text(
        "".join(" ".join([name, *map(str, tensor.shape)]) + "\n" for name, tensor in state.items()))
    # Stored as fp16, and rounded to it: all together they would be gigabytes.
    state = {name: tensor.copy_(tensor.half()).half() if tensor.is_floating_point() else tensor
             for name, tensor in state.items()}
    if not with_classifier:
        state = {name: tensor for name, tensor in state.items() if not name.startswith("classifier.")}
    # As DenseNet's published files name them.
    state = {re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", name): tensor
             for name, tensor in state.items()}
    torch.save(state, folder / f"{arch}.pth")
    saved = {}
    for size in [SIZE, *MORE_SIZES.get(arch, [])]:
        x = torch.rand(BATCH, 3, size, size) * 4 - 2
        activations, macs = run_blocks(arch, model, x)
        saved |= {f"{size}/input": x, **{f"{size}/{i}": a for i, a in enumerate(activations)}}
        if with_classifier:
            saved[f"{size}/logits"] = model(x)
        if size == SIZE:
            (folder / f"{arch}.macs").write_text("".join(f"{n}\n" for n in macs))
    write_safetensors(folder / f"{arch}.safetensors", saved)


def save_features(folder, name):
    model = importlib.import_module("timm").create_model(name).eval()
    randomize(model)
    # A VGG's head is half a gigabyte.
    state = {name: tensor.copy_(tensor.half()).half() if tensor.is_floating_point() else tensor
             for name, tensor in model.state_dict().items() if not name.startswith("pre_logits.fc1")}
    torch.save(state, folder / f"{name}.pth")
    x = torch.rand(1, 3, SIZE, SIZE) * 4 - 2
    write_safetensors(folder / f"{name}.safetensors", {"input": x, "features": model.forward_features(x)})


def load(arch, state, io):
    model = build(arch)
    if arch == "inception_v3":
        model.aux_logits, model.AuxLogits = False, None
    model.load_state_dict(read_safetensors(state), strict=True)
    tensors = read_safetensors(io)
    print((model.eval()(tensors["input"]) - tensors["logits"]).abs().max().item())


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.manual_seed(1)
    for name in ["kaiming_uniform_", "kaiming_normal_", "uniform_", "normal_", "trunc_normal_"]:
        setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)  # see build()
    torch.set_num_threads(2)
    with torch.no_grad():
        command, library, *arguments = sys.argv[1:]
        if library != "torchvision":
            sys.path.insert(0, library)
        if command == "save":
            for arch in arguments[1:]:
                # A VGG's classifier is half a gigabyte: twice is enough.
                save(pathlib.Path(arguments[0]), arch,
                     with_classifier=arch in ("vgg16", "vgg19") or not arch.startswith("vgg"))
        elif command == "features":
            importlib.import_module("timm.models.convnext").trunc_normal_ = lambda tensor, *_, **__: tensor
            for name in arguments[1:]:
                save_features(pathlib.Path(arguments[0]), name)
        else:
            load(*arguments)
