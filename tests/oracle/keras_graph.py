"""Networks of keras.applications, as the layers that Keras lists in a model's configuration, and an
interpreter of such lists in torch's functions. Knows nothing of torchvision's names.

  keras_graph.py save FOLDER NETWORK...   NETWORK.h5, a whole model with random weights, and
      NETWORK.safetensors: "input", a photograph, and "features", the top of the backbone
  keras_graph.py run FOLDER LAYER OUT     the same of the layers-model in FOLDER as the npm package
      nsfwjs wraps it: OUT has "input" and "features", the output of LAYER
"""
import base64
import json
import pathlib
import re
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from keras_files import save_h5
from zoo_oracle import write_safetensors

random = np.random.default_rng(11)
PHOTOGRAPH = '/usr/lib/python3/dist-packages/skimage/data/chelsea.png'


def photograph(size):
    """In [-1, 1], N x C x H x W."""
    image = Image.open(PHOTOGRAPH).convert('RGB').crop((60, 0, 360, 300)).resize((size, size), Image.BILINEAR)
    return torch.tensor(np.asarray(image) / 127.5 - 1, dtype=torch.float64).permute(2, 0, 1)[None].float().double()


def pad_same(x, kernel, strides, value=0.0):
    """TensorFlow's rule: ceil(size / stride) outputs, the odd one behind."""
    pads = []
    for size, k, s in zip((x.shape[3], x.shape[2]), kernel[::-1], strides[::-1]):
        total = max((-(-size // s) - 1) * s + k - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)


def activate(x, name):
    return {'linear': lambda: x, 'relu': lambda: F.relu(x)}[name]()


def conv(x, config, weights, depthwise):
    kernel, *bias = weights
    if depthwise:  # HWIM
        height, width, inputs, many = kernel.shape
        kernel, groups = kernel.permute(2, 3, 0, 1).reshape(inputs * many, 1, height, width), inputs
    else:  # HWIO
        kernel, groups = kernel.permute(3, 2, 0, 1), 1
    if config['padding'] == 'same':
        x = pad_same(x, kernel.shape[2:], config['strides'])
    return activate(F.conv2d(x, kernel, *bias, stride=config['strides'], groups=groups),
                    config.get('activation', 'linear'))


def norm(x, config, weights):
    weights = [w.view(1, -1, 1, 1) for w in weights]
    gamma = weights.pop(0) if config.get('scale', True) else 1
    beta = weights.pop(0) if config.get('center', True) else 0
    mean, variance = weights
    return (x - mean) / torch.sqrt(variance + config['epsilon']) * gamma + beta


def pool(x, config, average):
    size, strides = config['pool_size'], config['strides']
    if average:
        counts = torch.ones_like(x[:, :1])
        if config['padding'] == 'same':
            x, counts = (pad_same(t, size, strides) for t in (x, counts))
        return F.avg_pool2d(x, size, strides) / F.avg_pool2d(counts, size, strides)
    if config['padding'] == 'same':
        x = pad_same(x, size, strides, -np.inf)
    return F.max_pool2d(x, size, strides)


def apply(kind, config, inputs, weights):
    x = inputs[0]
    if kind in ('Conv2D', 'DepthwiseConv2D'):
        return conv(x, config, weights, kind == 'DepthwiseConv2D')
    if kind == 'SeparableConv2D':
        whole = dict(config, strides=[1, 1], padding='valid', activation='linear')
        return conv(conv(x, config, weights[:1], True), whole, weights[1:], False)
    if kind == 'CustomScaleLayer':  # of Keras 2.12's inception_resnet_v2.py
        return inputs[0] + inputs[1] * config['scale']
    if kind == 'BatchNormalization':
        return norm(x, config, weights)
    if kind in ('MaxPooling2D', 'AveragePooling2D'):
        return pool(x, config, kind == 'AveragePooling2D')
    if kind == 'ZeroPadding2D':
        (above, below), (left, right) = config['padding']
        return F.pad(x, [left, right, above, below])
    if kind == 'Activation':
        return activate(x, config['activation'])
    if kind == 'ReLU':
        return torch.clamp(x, 0, config['max_value'])
    if kind == 'Add':
        return sum(inputs)
    if kind == 'Concatenate':
        return torch.cat(inputs, 1)
    raise ValueError(kind)


def run(layers, weights, x, last):
    """`layers` as a configuration has them, `weights` by layer in Keras's order; output of `last`."""
    values = {}
    for layer in layers:
        name, kind = layer['name'], layer['class_name']
        if kind == 'InputLayer':
            values[name] = x
        else:
            inputs = [values[node[0]] for node in layer['inbound_nodes'][0]]
            own = [torch.tensor(w, dtype=torch.float64) for w in weights.get(name, [])]
            values[name] = apply(kind, layer['config'], inputs, own)
        if name == last:
            return values[name]
    raise ValueError(last)


class Builder:
    """Adds layers as keras.applications does. Sizes are followed, for correct_pad needs them."""

    def __init__(self, size, first_number=1):
        self.layers, self.weights, self.variables = [], {}, {}
        self.shapes, self.numbers, self.first = {}, {}, first_number
        self.input = self.add('InputLayer', [], name='input_1')
        self.shapes[self.input] = torch.Size((1, 3, size, size))

    def add(self, kind, inputs, name=None, weights=None, **config):
        if name is None:  # as Keras numbers layers without names
            base = {'Conv2D': 'conv2d', 'BatchNormalization': 'batch_normalization'}.get(kind, kind.lower())
            self.numbers[base] = self.numbers.get(base, self.first - 1) + 1
            name = f'{base}_{self.numbers[base]}'
        self.layers.append(dict(name=name, class_name=kind, config=dict(name=name, **config),
                                inbound_nodes=[[[i, 0, 0, {}] for i in inputs]] if inputs else []))
        if weights:
            self.weights[name] = list(weights.values())
            self.variables[name] = {f'{name}/{part}:0': array for part, array in weights.items()}
        if inputs:
            blank = [torch.empty(self.shapes[i], device='meta') for i in inputs]
            own = [torch.empty(w.shape, device='meta') for w in self.weights.get(name, [])]
            self.shapes[name] = apply(kind, config, blank, own).shape
        return name

    def conv(self, x, out, kernel, strides=1, padding='same', bias=True, name=None, activation='linear'):
        kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        shape = (*kernel, self.shapes[x][1], out)
        bound = (6 / np.prod(shape[:3])) ** 0.5
        weights = {'kernel': bound * (2 * random.random(shape, 'f4') - 1)}
        if bias:
            weights['bias'] = 0.4 * random.random(out, 'f4') - np.float32(0.2)
        return self.add('Conv2D', [x], name, weights, strides=[strides, strides], padding=padding,
                        use_bias=bias, activation=activation)

    def depthwise(self, x, strides, padding, name, variable):
        shape = (3, 3, self.shapes[x][1], 1)
        weights = {variable: 0.8 * (2 * random.random(shape, 'f4') - 1)}
        return self.add('DepthwiseConv2D', [x], name, weights, strides=[strides, strides], padding=padding,
                        use_bias=False, activation='linear')

    def separable(self, x, out, name):
        width = self.shapes[x][1]
        weights = {'depthwise_kernel': 0.8 * (2 * random.random((3, 3, width, 1), 'f4') - 1),
                   'pointwise_kernel': (6 / width) ** 0.5 * (2 * random.random((1, 1, width, out), 'f4') - 1)}
        return self.add('SeparableConv2D', [x], name, weights, strides=[1, 1], padding='same', use_bias=False,
                        activation='linear')

    def norm(self, x, name=None, epsilon=1e-3, scale=True):
        size = self.shapes[x][1]
        ranges = {'gamma': (0.5, 1), 'beta': (-0.2, 0.2), 'moving_mean': (-0.2, 0.2), 'moving_variance': (0.6, 1.4)}
        weights = {part: np.float32(low + (high - low) * random.random(size, 'f4'))
                   for part, (low, high) in ranges.items() if scale or part != 'gamma'}
        return self.add('BatchNormalization', [x], name, weights, epsilon=epsilon, scale=scale, center=True)

    def relu(self, x, name=None):
        return self.add('Activation', [x], name or f'relu_{len(self.layers)}', activation='relu')

    def relu6(self, x, name):
        return self.add('ReLU', [x], name, max_value=6)

    def pad(self, x, padding, name):
        return self.add('ZeroPadding2D', [x], name, padding=padding)

    def pool(self, x, kind, size, strides, padding='valid', name=None):
        return self.add(kind + 'Pooling2D', [x], name, pool_size=[size, size], strides=[strides, strides],
                        padding=padding)

    def join(self, inputs, name=None):
        return self.add('Concatenate', inputs, name, axis=3)


def vgg16(size):
    net = Builder(size)
    x = net.input
    for block, (convs, width) in enumerate(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), 1):
        for i in range(1, convs + 1):
            x = net.conv(x, width, 3, name=f'block{block}_conv{i}', activation='relu')
        x = net.pool(x, 'Max', 2, 2, name=f'block{block}_pool')
    return net, x


def squeezenet(size):
    net = Builder(size)
    x = net.pool(net.relu(net.conv(net.input, 64, 3, 2, 'valid', name='conv1')), 'Max', 3, 2, name='pool1')
    for fire, (narrow, wide) in enumerate(((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192),
                                           (64, 256), (64, 256)), 2):
        name = f'fire{fire}/'
        x = net.relu(net.conv(x, narrow, 1, padding='valid', name=name + 'squeeze1x1'))
        x = net.join([net.relu(net.conv(x, wide, 1, padding='valid', name=name + 'expand1x1')),
                      net.relu(net.conv(x, wide, 3, name=name + 'expand3x3'))], name + 'concat')
        if fire in (3, 5):
            x = net.pool(x, 'Max', 3, 2, name=f'pool{fire}')
    return net, x


def inception_v3(size):
    net = Builder(size, first_number=95)  # as the second model of a session

    def unit(x, out, rows, cols, strides=1, padding='same'):
        return net.relu(net.norm(net.conv(x, out, (rows, cols), strides, padding, bias=False), scale=False))

    def average(x, out):
        return unit(net.pool(x, 'Average', 3, 1, 'same'), out, 1, 1)

    x = unit(net.input, 32, 3, 3, 2, 'valid')
    x = unit(unit(x, 32, 3, 3, padding='valid'), 64, 3, 3)
    x = net.pool(x, 'Max', 3, 2)
    x = net.pool(unit(unit(x, 80, 1, 1, padding='valid'), 192, 3, 3, padding='valid'), 'Max', 3, 2)
    for i, width in enumerate((32, 64, 64)):
        one = unit(x, 64, 1, 1)
        five = unit(unit(x, 48, 1, 1), 64, 5, 5)
        three = unit(unit(unit(x, 64, 1, 1), 96, 3, 3), 96, 3, 3)
        x = net.join([one, five, three, average(x, width)], f'mixed{i}')
    three = unit(x, 384, 3, 3, 2, 'valid')
    double = unit(unit(unit(x, 64, 1, 1), 96, 3, 3), 96, 3, 3, 2, 'valid')
    x = net.join([three, double, net.pool(x, 'Max', 3, 2)], 'mixed3')
    for i, narrow in enumerate((128, 160, 160, 192), 4):
        one = unit(x, 192, 1, 1)
        seven = unit(unit(unit(x, narrow, 1, 1), narrow, 1, 7), 192, 7, 1)
        double = unit(x, narrow, 1, 1)
        for out, rows, cols in ((narrow, 7, 1), (narrow, 1, 7), (narrow, 7, 1), (192, 1, 7)):
            double = unit(double, out, rows, cols)
        x = net.join([one, seven, double, average(x, 192)], f'mixed{i}')
    three = unit(unit(x, 192, 1, 1), 320, 3, 3, 2, 'valid')
    seven = unit(unit(unit(x, 192, 1, 1), 192, 1, 7), 192, 7, 1)
    seven = unit(seven, 192, 3, 3, 2, 'valid')
    x = net.join([three, seven, net.pool(x, 'Max', 3, 2)], 'mixed8')
    for i in (9, 10):
        one = unit(x, 320, 1, 1)
        three = unit(x, 384, 1, 1)
        three = net.join([unit(three, 384, 1, 3), unit(three, 384, 3, 1)])
        double = unit(unit(x, 448, 1, 1), 384, 3, 3)
        double = net.join([unit(double, 384, 1, 3), unit(double, 384, 3, 1)])
        x = net.join([one, three, double, average(x, 192)], f'mixed{i}')
    return net, x


def mobilenet_v2(size, depthwise_kernel='depthwise_kernel'):
    net = Builder(size)

    def correct_pad(x, name):
        """imagenet_utils.correct_pad for a kernel of 3."""
        odd = [side % 2 for side in net.shapes[x][2:]]
        return net.pad(x, [[odd[0], 1], [odd[1], 1]], name)

    x = net.conv(correct_pad(net.input, 'Conv1_pad'), 32, 3, 2, 'valid', bias=False, name='Conv1')
    x = net.relu6(net.norm(x, 'bn_Conv1'), 'Conv1_relu')
    block, width = 0, 32
    for expansion, out, units, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
                                          (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for i in range(units):
            name = f'block_{block}_' if block else 'expanded_conv_'
            strides, y = stride if i == 0 else 1, x
            if block:
                y = net.conv(y, expansion * width, 1, bias=False, name=name + 'expand')
                y = net.relu6(net.norm(y, name + 'expand_BN'), name + 'expand_relu')
            if strides == 2:
                y = correct_pad(y, name + 'pad')
            y = net.depthwise(y, strides, 'same' if strides == 1 else 'valid', name + 'depthwise', depthwise_kernel)
            y = net.relu6(net.norm(y, name + 'depthwise_BN'), name + 'depthwise_relu')
            y = net.norm(net.conv(y, out, 1, bias=False, name=name + 'project'), name + 'project_BN')
            x = net.add('Add', [x, y], name + 'add') if width == out and strides == 1 else y
            block, width = block + 1, out
    x = net.norm(net.conv(x, 1280, 1, padding='valid', bias=False, name='Conv_1'), 'Conv_1_bn')
    return net, net.relu6(x, 'out_relu')


def mobilenet_v2_of_keras_3(size):
    """As Keras 3 saves it under a name in .h5."""
    return mobilenet_v2(size, 'kernel')


def seven_by_seven(net, conv, norm, bias, epsilon=1.001e-5):
    """The stem of ResNet and DenseNet."""
    x = net.conv(net.pad(net.input, [[3, 3], [3, 3]], 'pad'), 64, 7, 2, 'valid', bias, conv)
    x = net.relu(net.norm(x, norm, epsilon))
    return net.pool(net.pad(x, [[1, 1], [1, 1]], 'pool1_pad'), 'Max', 3, 2)


def densenet121(size):
    net = Builder(size)
    x = seven_by_seven(net, 'conv1/conv', 'conv1/bn', bias=False)
    for block, units in enumerate((6, 12, 24, 16), 2):
        for unit in range(1, units + 1):
            name = f'conv{block}_block{unit}_'
            y = net.relu(net.norm(x, name + '0_bn', 1.001e-5))
            y = net.conv(y, 128, 1, bias=False, name=name + '1_conv')
            y = net.relu(net.norm(y, name + '1_bn', 1.001e-5))
            x = net.join([x, net.conv(y, 32, 3, bias=False, name=name + '2_conv')], name + 'concat')
        if block < 5:
            y = net.relu(net.norm(x, f'pool{block}_bn', 1.001e-5))
            y = net.conv(y, net.shapes[y][1] // 2, 1, bias=False, name=f'pool{block}_conv')
            x = net.pool(y, 'Average', 2, 2, name=f'pool{block}_pool')
    return net, net.relu(net.norm(x, 'bn', 1.001e-5))


def resnet50_v1(size):
    net = Builder(size)
    x = seven_by_seven(net, 'conv1_conv', 'conv1_bn', bias=True)

    def unit(x, out, kernel, strides, name):
        return net.norm(net.conv(x, out, kernel, strides, 'same' if kernel > 1 else 'valid', name=name + '_conv'),
                        name + '_bn', 1.001e-5)

    for stage, (width, units) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)), 2):
        for i in range(1, units + 1):
            name, strides = f'conv{stage}_block{i}_', 2 if stage > 2 and i == 1 else 1
            shortcut = unit(x, 4 * width, 1, strides, name + '0') if i == 1 else x
            y = net.relu(unit(x, width, 1, strides, name + '1'))
            y = net.relu(unit(y, width, 3, 1, name + '2'))
            y = unit(y, 4 * width, 1, 1, name + '3')
            x = net.relu(net.add('Add', [shortcut, y], name + 'add'))
    return net, x


def resnet50_by_branches(size):
    """As keras_applications 1.0.8, resnet50.py, names the same layers; another epsilon."""
    net = Builder(size)
    x = seven_by_seven(net, 'conv1', 'bn_conv1', bias=True, epsilon=1e-3)

    def unit(x, out, kernel, strides, branch):
        return net.norm(net.conv(x, out, kernel, strides, 'same' if kernel > 1 else 'valid', name='res' + branch),
                        'bn' + branch)

    for stage, (width, letters) in enumerate(((64, 'abc'), (128, 'abcd'), (256, 'abcdef'), (512, 'abc')), 2):
        for letter in letters:
            name, strides = f'{stage}{letter}_branch', 2 if stage > 2 and letter == 'a' else 1
            y = net.relu(unit(x, width, 1, strides, name + '2a'))
            y = net.relu(unit(y, width, 3, 1, name + '2b'))
            y = unit(y, 4 * width, 1, 1, name + '2c')
            shortcut = unit(x, 4 * width, 1, strides, name + '1') if letter == 'a' else x
            x = net.relu(net.add('Add', [y, shortcut]))
    return net, x


def xception(size):
    net = Builder(size, first_number=3)
    x = net.relu(net.norm(net.conv(net.input, 32, 3, 2, 'valid', False, 'block1_conv1'), 'block1_conv1_bn'))
    x = net.relu(net.norm(net.conv(x, 64, 3, 1, 'valid', False, 'block1_conv2'), 'block1_conv2_bn'))

    def unit(x, out, name):
        return net.norm(net.separable(x, out, name), name + '_bn')

    for block, widths in enumerate([(128, 128), (256, 256), (728, 728)] + 8 * [(728, 728, 728)] + [(728, 1024)], 2):
        shortcut, y = x, x
        if len(widths) == 2:
            shortcut = net.norm(net.conv(x, widths[1], 1, 2, bias=False))
        for i, width in enumerate(widths, 1):
            y = net.relu(y) if block > 2 or i > 1 else y
            y = unit(y, width, f'block{block}_sepconv{i}')
        if len(widths) == 2:
            y = net.pool(y, 'Max', 3, 2, 'same', f'block{block}_pool')
        x = net.add('Add', [y, shortcut])
    x = net.relu(unit(x, 1536, 'block14_sepconv1'))
    return net, net.relu(unit(x, 2048, 'block14_sepconv2'))


def inception_resnet_v2(size):
    net = Builder(size)

    def unit(x, out, kernel, strides=1, padding='same', name=None):
        y = net.conv(x, out, kernel, strides, padding, bias=False, name=name)
        return net.relu(net.norm(y, name and name + '_bn', scale=False))

    def branch(x, *units):
        for out, kernel, *more in units:
            x = unit(x, out, kernel, *more)
        return x

    def run(x, block, units, scale, *branches):
        for i in units:
            y = net.join([branch(x, *units) for units in branches], f'{block}_{i}_mixed')
            y = net.conv(y, net.shapes[x][1], 1, name=f'{block}_{i}_conv')
            x = net.add('CustomScaleLayer', [x, y], scale=scale)
            x = net.relu(x) if scale < 1 else x
        return x

    def reduction(x, name, *branches):
        return net.join([branch(x, *units) for units in branches] + [net.pool(x, 'Max', 3, 2)], name)

    valid = 2, 'valid'
    x = unit(unit(unit(net.input, 32, 3, *valid), 32, 3, 1, 'valid'), 64, 3)
    x = net.pool(x, 'Max', 3, 2)
    x = net.pool(unit(unit(x, 80, 1, 1, 'valid'), 192, 3, 1, 'valid'), 'Max', 3, 2)
    x = net.join([unit(x, 96, 1), branch(x, (48, 1), (64, 5)), branch(x, (64, 1), (96, 3), (96, 3)),
                  unit(net.pool(x, 'Average', 3, 1, 'same'), 64, 1)], 'mixed_5b')
    x = run(x, 'block35', range(1, 11), 0.17, [(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)])
    x = reduction(x, 'mixed_6a', [(384, 3, *valid)], [(256, 1), (256, 3), (384, 3, *valid)])
    x = run(x, 'block17', range(1, 21), 0.1, [(192, 1)], [(128, 1), (160, (1, 7)), (192, (7, 1))])
    x = reduction(x, 'mixed_7a', [(256, 1), (384, 3, *valid)], [(256, 1), (288, 3, *valid)],
                  [(256, 1), (288, 3), (320, 3, *valid)])
    last = [(192, 1)], [(192, 1), (224, (1, 3)), (256, (3, 1))]
    x = run(run(x, 'block8', range(1, 10), 0.2, *last), 'block8', [10], 1.0, *last)
    return net, unit(x, 1536, 1, name='conv_7b')


SIZES = {'vgg16': 64, 'squeezenet1_1': 98, 'inception_v3': 107, 'mobilenet_v2': 97,
         'mobilenet_v2_of_keras_3': 97, 'densenet121': 65, 'resnet50_v1': 65, 'resnet50_by_branches': 65,
         'xception': 86, 'inception_resnet_v2': 77}
BUILDERS = {'vgg16': vgg16, 'squeezenet1_1': squeezenet, 'inception_v3': inception_v3,
            'mobilenet_v2': mobilenet_v2, 'mobilenet_v2_of_keras_3': mobilenet_v2_of_keras_3,
            'densenet121': densenet121, 'resnet50_v1': resnet50_v1,
            'resnet50_by_branches': resnet50_by_branches, 'xception': xception,
            'inception_resnet_v2': inception_resnet_v2}


def save(folder, name):
    net, last = BUILDERS[name](SIZES[name])
    config = dict(class_name='Model', config=dict(name='model_1', layers=net.layers))
    save_h5(folder / f'{name}.h5', {layer['name']: net.variables.get(layer['name'], {}) for layer in net.layers},
            group='model_weights', config=config)
    x = photograph(SIZES[name])
    features = run(net.layers, net.weights, x, last)
    write_safetensors(folder / f'{name}.safetensors', {'input': x.float(), 'features': features.float()})


def exported(path):
    """The literal that a browserified module exports, without running it."""
    text = path.read_text()
    start = next(m.end() for m in re.finditer(r'exports=(?=["{])', text))
    literal = text[start:]
    if literal[0] == '"':
        return literal[1:literal.index('"', 1)]
    literal = re.sub(r'([{,])([A-Za-z_]\w*):', r'\1"\2":', literal)
    literal = literal.replace('!0', 'true').replace('!1', 'false')
    literal = re.sub(r'([:\[,]-?)\.(\d)', r'\g<1>0.\2', literal)
    return json.JSONDecoder().raw_decode(literal)[0]


def run_wrapped(folder, last, out):
    model = exported(folder / 'model.min.js')
    group, = model['weightsManifest']
    data = b''.join(base64.b64decode(exported(folder / f'{name}.min.js')) for name in group['paths'])
    weights, at = {}, 0
    for entry in group['weights']:
        layer, part = entry['name'].rsplit('/', 1)
        count, packed = int(np.prod(entry['shape'])), entry['quantization']
        stored = np.frombuffer(data, packed['dtype'], count, at)
        at += stored.nbytes
        array = (stored * packed['scale'] + packed['min']).astype('f4').reshape(entry['shape'])
        weights.setdefault(layer, {})[part] = array
    assert at == len(data)
    order = ['kernel', 'depthwise_kernel', 'bias', 'gamma', 'beta', 'moving_mean', 'moving_variance']
    weights = {layer: [parts[p] for p in order if p in parts] for layer, parts in weights.items()}
    layers = model['modelTopology']['model_config']['config']['layers']
    size = layers[0]['config']['batch_input_shape'][1]
    x = (photograph(size) + 1) / 2
    write_safetensors(out, {'input': x.float(), 'features': run(layers, weights, x, last).float()})


if __name__ == '__main__':
    torch.set_num_threads(2)
    with torch.no_grad():
        if sys.argv[1] == 'save':
            for network in sys.argv[3:]:
                save(pathlib.Path(sys.argv[2]), network)
        else:
            run_wrapped(pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4])
