"""Torchvision's word on the zoo.

  zoo_oracle.py save FOLDER         for each architecture ARCH that torchvision has:
      ARCH.names            every parameter and buffer: "name size size ..."
      ARCH.pth              a random state dict, saved by torch.save
      ARCH.macs             multiply-adds of the convolutions in each block, for one image, a line each
      ARCH.safetensors      "input", the activation at every block boundary ("0", "1", ...) and,
                            where the classifier is in the state dict, "logits"
  zoo_oracle.py load ARCH STATE IO  loads STATE (safetensors) strictly, runs IO's "input" and prints
                                    the largest absolute difference to IO's "logits"
"""
import json
import pathlib
import struct
import sys
import warnings

import numpy
import torch
import torchvision

DTYPES = {"F32": numpy.float32, "I64": numpy.int64}
SIZE, BATCH = 96, 2


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
    more = {"init_weights": False, "aux_logits": True} if arch == "inception_v3" else {}
    if arch.startswith("vgg"):
        return torchvision.models.vgg.VGG(
            torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D" if arch == "vgg16" else "E"]),
            init_weights=False)
    return getattr(torchvision.models, arch)(**more)


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


def block_cuts(arch, model):
    """The modules of each block, in order."""
    if arch == "inception_v3":
        names = ["Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1",
                 "Conv2d_4a_3x3", "maxpool2"]
        mixed = ["5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c"]
        return [[getattr(model, name) for name in names]] + [[getattr(model, "Mixed_" + m)] for m in mixed]
    layers = list(model.features)
    if arch.startswith("vgg"):
        ends = [i + 1 for i, layer in enumerate(layers) if isinstance(layer, torch.nn.MaxPool2d)]
    elif arch == "squeezenet1_1":
        ends = [3, 4, 6, 7, 9, 10, 11, 12, 13]
    else:
        ends = [1, 2, 4, 7, 11, 14, 17, 18, 19]
    return [layers[first:last] for first, last in zip([0] + ends, ends)]


def add_macs(macs, conv, out):
    macs[-1] += out[0].numel() * conv.weight[0].numel()


def save(folder, arch, with_classifier):
    model = build(arch).eval()
    randomize(model)
    state = model.state_dict()
    (folder / f"{arch}.names").write_text(
        "".join(" ".join([name, *map(str, tensor.shape)]) + "\n" for name, tensor in state.items()))
    if arch == "vgg16":  # half a gigabyte in fp32: stored, and for the logits rounded, to fp16
        state = {name: tensor.copy_(tensor.half()).half() for name, tensor in state.items()}
    if not with_classifier:
        state = {name: tensor for name, tensor in state.items() if not name.startswith("classifier.")}
    torch.save(state, folder / f"{arch}.pth")
    x = torch.rand(BATCH, 3, SIZE, SIZE) * 4 - 2
    activations = {"input": x}
    if with_classifier:
        activations["logits"] = model(x)
    macs = []
    for i, block in enumerate(block_cuts(arch, model)):
        macs.append(0)
        layers = torch.nn.Sequential(*block)
        hooks = [layer.register_forward_hook(lambda conv, _, out: add_macs(macs, conv, out))
                 for layer in layers.modules() if isinstance(layer, torch.nn.Conv2d)]
        x = layers(x)
        activations[str(i)] = x
        for hook in hooks:
            hook.remove()
    (folder / f"{arch}.macs").write_text("".join(f"{n}\n" for n in macs))
    write_safetensors(folder / f"{arch}.safetensors", activations)


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
    torch.set_num_threads(2)
    with torch.no_grad():
        if sys.argv[1] == "save":
            for arch in ["vgg16", "vgg19", "inception_v3", "squeezenet1_1", "mobilenet_v2"]:
                # One VGG's classifier is half a gigabyte: once is enough.
                save(pathlib.Path(sys.argv[2]), arch, with_classifier=arch != "vgg19")
        else:
            load(*sys.argv[2:])
