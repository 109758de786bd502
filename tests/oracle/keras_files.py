"""Files in Keras's formats, written by h5py, numpy and json alone.

keras_files.py write FOLDER   good files, and expected.json: file -> tensor -> [dtype, shape, hex]
keras_files.py bad FOLDER     files that must be refused
"""
import base64
import io
import json
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np

random = np.random.default_rng(3)
DTYPES = {'float64': 'F64', 'float32': 'F32', 'float16': 'F16', 'int64': 'I64', 'int32': 'I32',
          'int16': 'I16', 'int8': 'I8', 'uint8': 'U8', 'bool': 'BOOL'}


def numbers(*shape):
    return random.normal(size=shape).astype('f4')


def described(tensors):
    return {name: [DTYPES[str(a.dtype)], list(a.shape), np.ascontiguousarray(a).tobytes().hex()]
            for name, a in tensors.items()}


def save_h5(path, layers, group='', config=None, **storage):
    """As Keras's hdf5_format.py writes layers, {layer: {variable: array}}."""
    with h5py.File(path, 'w') as file:
        root = file.create_group(group) if group else file
        root.attrs['layer_names'] = [name.encode() for name in layers]
        root.attrs['backend'] = b'tensorflow'
        if config:
            file.attrs['model_config'] = json.dumps(config).encode()
        for layer, variables in layers.items():
            folder = root.create_group(layer)
            folder.attrs['weight_names'] = [name.encode() for name in variables]
            for name, array in variables.items():
                folder.create_dataset(name, data=array, **storage)


def save_h5_keras3(path, layers, named=True, places=()):
    """As Keras 3.6's saving_lib.py writes a .weights.h5: layers, [(class, name, arrays)], numbered by class; and
    other places, [(path, name, arrays)]."""
    with h5py.File(path, 'w') as file:
        numbers_of_class, all_places = {}, []
        for kind, name, arrays in layers:
            number = numbers_of_class[kind] = numbers_of_class.get(kind, -1) + 1
            all_places.append((f'layers/{kind}_{number}' if number else f'layers/{kind}', name, arrays))
        for place, name, arrays in [*all_places, *places]:
            group = file.create_group(place).create_group('vars')
            if named:
                group.attrs['name'] = name
            for i, array in enumerate(arrays):
                group[str(i)] = array
        file.create_group('vars').attrs['name'] = 'functional'


def trained(layers):
    """What training by Adam adds, as Keras 3.6 names and numbers it, and two layers that keep seeds."""
    momenta = [np.zeros_like(array) for _, _, arrays in layers for array in arrays for _ in range(2)]
    return [('optimizer', 'adam', [np.int64(12), np.float32(1e-4), *momenta]),
            ('layers/random_flip', 'random_flip', []),
            ('layers/random_flip/generator', 'seed_generator', [np.uint32([7, 3])]),
            ('layers/dropout/seed_generator', 'seed_generator', [np.uint32([8, 3])])]


def save_keras(path, layers, config, places=()):
    """As Keras 3's saving_lib.py writes a .keras."""
    weights = path.with_suffix('.inner.h5')
    save_h5_keras3(weights, layers, places=places)
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('metadata.json', '{"keras_version": "3.6.0"}')
        archive.writestr('config.json', json.dumps(config))
        archive.write(weights, 'model.weights.h5')
    weights.unlink()


def norms_config(names, **flags):
    """What a model's configuration says of its normalization layers."""
    return dict(class_name='Functional', config=dict(layers=[
        dict(class_name='BatchNormalization', config=dict(name=name, **flags)) for name in names]))


def as_keras3(layers):
    """Layers as save_h5 takes them, by their variables and names."""
    kinds = {'kernel': 'conv2d', 'W': 'conv2d', 'moving': 'batch_normalization'}
    return [(next(kinds[k] for k in kinds if any(k in name for name in variables)), layer, list(variables.values()))
            for layer, variables in layers.items()]


def save_tfjs(folder, layers, quantize=None, config=None, shards=1, module=False):
    """As tensorflowjs writes a layers-model; `module`: as nsfwjs wraps it, by browserify."""
    folder.mkdir(exist_ok=True)
    weights, data, expected = [], b'', {}
    for variables in layers.values():
        for name, array in variables.items():
            entry = dict(name=name.split(':')[0], shape=list(array.shape), dtype='float32')
            if quantize:
                low, high = float(array.min()), float(array.max())
                scale = (high - low) / np.iinfo(quantize).max
                stored = np.round((array.astype('f8') - low) / scale).astype(quantize)
                entry['quantization'] = dict(min=low, scale=scale, dtype=quantize)
                array = (stored * scale + low).astype('f4')
            data += (stored if quantize else array).tobytes()
            weights.append(entry)
            expected[entry['name']] = array
    names = [f'group1-shard{i + 1}of{shards}' for i in range(shards)]
    pieces = [data[len(data) * i // shards:len(data) * (i + 1) // shards] for i in range(shards)]
    model = dict(modelTopology=dict(keras_version='2.2.4', model_config=config or {}),
                 weightsManifest=[dict(paths=names, weights=weights)])
    if not module:
        (folder / 'model.json').write_text(json.dumps(model))
        for name, piece in zip(names, pieces):
            (folder / name).write_bytes(piece)
        return expected
    wrap = '!function(e){"object"==typeof exports&&(module.exports=e())}(function(){return({1:[function(t,e,n){e.exports=%s},{}]},{},[1])}());'
    (folder / 'model.min.js').write_text(wrap % as_javascript(model))
    for name, piece in zip(names, pieces):
        (folder / f'{name}.min.js').write_text(wrap % json.dumps(base64.b64encode(piece).decode()))
    return expected


def as_javascript(value):
    """A literal as minifiers write it: bare names, !0 and !1, no zero before the point."""
    if isinstance(value, dict):
        return '{' + ','.join(f'{k}:{as_javascript(v)}' for k, v in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ','.join(map(as_javascript, value)) + ']'
    if isinstance(value, bool):
        return '!0' if value else '!1'
    if isinstance(value, float):
        return repr(value).replace('0.', '.', 1) if abs(value) < 1 and 'e' not in repr(value) else repr(value)
    return json.dumps(value)


def small_model():
    """Layers of no published network."""
    return {'input_1': {}, 'conv': {'conv/kernel:0': numbers(3, 3, 2, 4), 'conv/bias:0': numbers(4)},
            'norm': {'norm/gamma:0': numbers(4), 'norm/moving_mean:0': numbers(4)}}


def narrow_vgg16():
    layers, width = {}, 3
    for block, convs in enumerate((2, 2, 3, 3, 3), 1):
        for conv in range(1, convs + 1):
            name = f'block{block}_conv{conv}'
            out = block + 1
            layers[name] = {name + '_W_1:0': numbers(3, 3, width, out), name + '_b_1:0': numbers(out)}
            width = out
    return layers


def narrow_vgg16_expected(layers):
    places = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
    expected = {}
    for place, variables in zip(places, layers.values()):
        kernel, bias = variables.values()
        expected[f'features.{place}.weight'] = np.einsum('hwio->oihw', kernel)
        expected[f'features.{place}.bias'] = bias
    return expected


def narrow_inception(first=1):
    """InceptionV3 with one channel everywhere, numbered from `first`; no gamma."""
    layers = {}
    for i in range(94):
        number = first + i
        conv = f'conv2d_{number}' if number else 'conv2d'
        norm = f'batch_normalization_{number}' if number else 'batch_normalization'
        layers[conv] = {conv + '/kernel:0': numbers(1, 7, 1, 1)}
        layers[norm] = {f'{norm}/{part}:0': numbers(1) for part in ('beta', 'moving_mean', 'moving_variance')}
    return layers


def narrow_inception_expected(layers, is_gamma=False):
    """Three of its convolutions; the others are tested by running the network. `is_gamma`: beta was left out."""
    expected = {}
    items = list(layers.items())
    for number, name in ((1, 'Conv2d_1a_3x3'), (10, 'Mixed_5b.branch3x3dbl_2'), (94, 'Mixed_7c.branch_pool')):
        (_, conv), (_, norm) = items[2 * number - 2:2 * number]
        expected[f'{name}.conv.weight'] = np.einsum('hwio->oihw', *conv.values())
        first, mean, variance = norm.values()
        gamma, beta = (first, np.zeros(1, 'f4')) if is_gamma else (np.ones(1, 'f4'), first)
        expected.update({f'{name}.bn.weight': gamma, f'{name}.bn.bias': beta,
                         f'{name}.bn.running_mean': mean, f'{name}.bn.running_var': variance})
    return expected


def narrow_mobilenet():
    """MobileNetV2 with one channel everywhere, whose normalizations have three variables."""
    names = ['Conv1', 'bn_Conv1', 'Conv_1', 'Conv_1_bn']
    for unit in range(17):
        parts = ('depthwise', 'project') if unit == 0 else ('expand', 'depthwise', 'project')
        for part in parts:
            name = ('expanded_conv_' if unit == 0 else f'block_{unit}_') + part
            names += [name, name + '_BN']
    return [('batch_normalization', name, [numbers(1)] * 3) if name.lower().endswith('bn') or name == 'bn_Conv1'
            else ('conv2d', name, [numbers(1, 1, 1, 1)]) for name in names]


def write(folder):
    expected = {}
    small = small_model()
    flat = {name: array for variables in small.values() for name, array in variables.items()}
    save_h5(folder / 'small.h5', small)
    save_h5(folder / 'packed.h5', small, group='model_weights', chunks=True, compression='gzip', shuffle=True)
    expected['small.h5'] = expected['packed.h5'] = flat
    mixed = {'a': {'a/x:0': np.float16([1.5, -2]), 'a/y:0': np.int64([7]), 'a/z:0': np.float64([[1e300]])}}
    save_h5(folder / 'mixed.h5', mixed)
    expected['mixed.h5'] = mixed['a']
    many = {f'layer_with_a_long_name_{i}': {f'layer_with_a_long_name_{i}/kernel:0': numbers(1)} for i in range(40)}
    save_h5(folder / 'many.h5', many)
    with h5py.File(folder / 'many.h5', 'a') as file:  # as Keras cuts what is beyond 64 KiB
        names = file.attrs['layer_names']
        del file.attrs['layer_names']
        file.attrs['layer_names0'], file.attrs['layer_names1'] = names[:25], names[25:]
    expected['many.h5'] = {name: array for variables in many.values() for name, array in variables.items()}
    vgg = narrow_vgg16()
    vgg_expected = narrow_vgg16_expected(vgg)
    save_h5(folder / 'vgg16_notop.h5', vgg)
    save_h5(folder / 'vgg16.h5', {**vgg, 'fc1': {'fc1_W_1:0': numbers(4, 5), 'fc1_b_1:0': numbers(5)},
                                  'predictions': {'predictions_W_1:0': numbers(5, 2)}}, group='model_weights')
    nested = {name: array for variables in vgg.values() for name, array in variables.items()}
    nested = {key.split('_W')[0].split('_b_')[0] + ('/kernel:0' if '_W' in key else '/bias:0'): array
              for key, array in nested.items()}
    save_h5(folder / 'nested.h5', {'vgg16': nested, 'dense': {'dense/kernel:0': numbers(4, 2)}})
    np.savez(folder / 'vgg16_keras.npz', **nested)
    save_h5_keras3(folder / 'vgg16.weights.h5', as_keras3(vgg) + [('flatten', 'flatten', []),
                                                                  ('dense', 'dense', [numbers(4, 2), numbers(2)])])
    save_keras(folder / 'vgg16.keras', as_keras3(vgg), {})
    save_h5_keras3(folder / 'trained.weights.h5', as_keras3(vgg), places=trained(as_keras3(vgg)))
    save_keras(folder / 'trained.keras', as_keras3(vgg), {}, places=trained(as_keras3(vgg)))
    prepared = {'normalization/mean:0': numbers(3), 'normalization/count:0': np.int64(5)}
    seeds, texts = {'dropout/seed_generator_state:0': np.uint32([8, 3])}, {'lookup/words:0': np.bytes_('abc')}
    save_h5(folder / 'trained.h5', {'normalization': prepared, **vgg, 'dropout': seeds, 'lookup': texts},
            group='model_weights')
    with h5py.File(folder / 'trained.h5', 'a') as file:
        file.create_group('optimizer_weights').attrs['weight_names'] = [b'adam/iteration:0']
        file['optimizer_weights/adam/iteration:0'] = np.int64(12)
    for name in ('vgg16_notop.h5', 'vgg16.h5', 'nested.h5', 'vgg16_keras.npz', 'vgg16.weights.h5', 'vgg16.keras',
                 'trained.weights.h5', 'trained.keras', 'trained.h5'):
        expected[name] = vgg_expected
    save_h5(folder / 'counted.h5', {**small, 'normalization': prepared})
    expected['counted.h5'] = flat | {'normalization/mean:0': prepared['normalization/mean:0']}
    save_h5_keras3(folder / 'own.weights.h5', [('my_block', 'block', [])], places=[
        ('optimizer', 'adam', [np.int64(12), np.float32(1e-4), numbers(2)]),
        ('layers/my_block/conv', 'conv', [numbers(2)])])
    with h5py.File(folder / 'own.weights.h5') as file:
        expected['own.weights.h5'] = {'conv/0': file['layers/my_block/conv/vars/0'][()]}
    norms = [f'batch_normalization_{i}' for i in range(95, 95 + 94)]
    config = norms_config(norms, epsilon=0.002, scale=False, center=True)
    inception = narrow_inception(95)
    save_h5(folder / 'inception.h5', inception, group='model_weights', config=config)
    newer = narrow_inception(0)
    save_h5(folder / 'inception_weights.h5', newer)
    save_h5_keras3(folder / 'inception.weights.h5', as_keras3(inception))
    save_keras(folder / 'inception.keras', as_keras3(inception), config)
    save_keras(folder / 'no_beta.keras', as_keras3(inception), norms_config(norms, scale=True, center=False))
    separable = [numbers(3, 3, 2, 1), numbers(1, 1, 2, 3)]
    norm, own = [numbers(3) for _ in range(4)], [numbers(2), numbers(5)]
    layers = [('separable_conv2d', 'a', separable), ('batch_normalization', 'b', norm),
              ('depthwise_conv2d', 'c', separable[:1]), ('own_layer', 'd', own)]
    save_h5_keras3(folder / 'layers.weights.h5', layers)
    save_keras(folder / 'layers.keras', layers, {})
    names = ['a/depthwise_kernel', 'a/pointwise_kernel', 'b/gamma', 'b/beta', 'b/moving_mean', 'b/moving_variance',
             'c/depthwise_kernel', 'd/0', 'd/1']
    expected['layers.weights.h5'] = expected['layers.keras'] = dict(zip(names, separable + norm + separable[:1] + own))
    three = [('batch_normalization', 'norm', norm[:3])]
    save_h5_keras3(folder / 'three.weights.h5', three)
    save_keras(folder / 'three_no_gamma.keras', three, norms_config(['norm'], scale=False, center=True))
    save_keras(folder / 'three_no_beta.keras', three, norms_config(['norm'], scale=True, center=False))
    for file, first in (('three.weights.h5', 'gamma_or_beta'), ('three_no_gamma.keras', 'beta'),
                        ('three_no_beta.keras', 'gamma')):
        expected[file] = dict(zip((f'norm/{first}', 'norm/moving_mean', 'norm/moving_variance'), norm))
    partial = {'no_beta.keras': narrow_inception_expected(inception, is_gamma=True),
               'inception.weights.h5': narrow_inception_expected(inception),
               'inception.keras': narrow_inception_expected(inception),
               'inception.h5': narrow_inception_expected(inception),
               'inception_weights.h5': narrow_inception_expected(newer)}
    for quantize, module, shards in ((None, False, 1), ('uint8', False, 3), ('uint16', True, 2), ('uint8', True, 1)):
        name = f'tfjs_{quantize}_{module}'
        tensors = save_tfjs(folder / name, small, quantize, module=module, shards=shards)
        expected[f'{name}/model.' + ('min.js' if module else 'json')] = tensors
    arrays = {'a.weight': numbers(3, 2, 4), 'b': np.asfortranarray(numbers(3, 4)), 'c': np.float16([1, 2]),
              'd': np.int64([[-1]]), 'e': np.bool_([True, False]), 'f': np.float64(2.5)}
    np.savez(folder / 'plain.npz', **arrays)
    np.savez_compressed(folder / 'deflated.npz', **arrays)
    expected['plain.npz'] = expected['deflated.npz'] = arrays
    (folder / 'expected.json').write_text(json.dumps({file: described(t) for file, t in expected.items()}))
    (folder / 'partial.json').write_text(json.dumps({file: described(t) for file, t in partial.items()}))


def edit_attribute(path, group, name, value=None):
    with h5py.File(path, 'a') as file:
        del file[group].attrs[name]
        if value is not None:
            file[group].attrs[name] = value


def bad_h5(folder):
    small = small_model()

    def save(name, layers=small, **more):
        save_h5(folder / name, layers, **more)
        return folder / name

    edit_attribute(save('no_layers.h5'), '/', 'layer_names')
    save_h5_keras3(folder / 'unnamed.weights.h5', as_keras3(narrow_vgg16()), named=False)
    save_h5_keras3(folder / 'twice.weights.h5', [('conv2d', 'a', [numbers(1)])] * 2)
    save_h5_keras3(folder / 'three.weights.h5', narrow_mobilenet())
    save_h5_keras3(folder / 'only_adam.weights.h5', [], places=trained([])[:1])
    save_h5_keras3(folder / 'whole.weights.h5', [
        (kind, name, [arrays[0].astype('i4')] if name == 'block3_conv1' else arrays)
        for kind, name, arrays in as_keras3(narrow_vgg16())])
    save_h5_keras3(folder / 'scalar.weights.h5', [
        (kind, name, [arrays[0], np.float32(1)] if name == 'block3_conv1' else arrays)
        for kind, name, arrays in as_keras3(narrow_vgg16())])
    inception = narrow_inception(1)
    save_keras(folder / 'lying.keras', as_keras3(inception), norms_config(
        [f'batch_normalization_{i}' for i in range(1, 95)], scale=True, center=True))
    edit_attribute(save('no_weights.h5'), 'conv', 'weight_names')
    edit_attribute(save('numbers.h5'), '/', 'layer_names', np.int64([1, 2]))
    edit_attribute(save('twice.h5'), '/', 'layer_names', [b'conv', b'conv'])
    edit_attribute(save('no_group.h5'), '/', 'layer_names', [b'conv', b'elsewhere'])
    edit_attribute(save('no_variable.h5'), 'conv', 'weight_names', [b'conv/kernel:0', b'conv/more:0'])
    edit_attribute(save('same_variable.h5'), 'conv', 'weight_names', [b'conv/bias:0', b'conv/bias:0'])
    edit_attribute(save('path.h5'), 'conv', 'weight_names', [b'../norm/gamma:0'])
    whole = save('cut.h5').read_bytes()
    (folder / 'cut.h5').write_bytes(whole[:len(whole) - 700])
    with h5py.File(folder / 'loop.h5', 'w') as file:
        file.attrs['layer_names'] = [b'a']
        file['a'] = file['/']
    with h5py.File(folder / 'deep.h5', 'w') as file:
        file.create_group('/'.join('a' * 40))
    save('text.h5', {'lookup': {'lookup/words:0': np.bytes_('abc'), 'lookup/count:0': np.int64(3)}})
    with h5py.File(save('huge.h5'), 'a') as file:
        del file['conv/conv/bias:0']
        file.create_dataset('conv/conv/bias:0', (1 << 40,), 'f4', chunks=(1024,))
    with h5py.File(save('external.h5'), 'a') as file:
        del file['conv/conv/bias:0']
        file['conv/conv/bias:0'] = h5py.ExternalLink('small.h5', 'norm/norm/gamma:0')
    vgg = narrow_vgg16()
    save('doubles.h5', {**vgg, 'block1_conv1': {'block1_conv1_W_1:0': numbers(3, 3, 3, 2).astype('f8')}})
    save('flat.h5', {**vgg, 'block1_conv1': {'block1_conv1/kernel:0': numbers(3, 3)}})
    save('no_kernel.h5', {**vgg, 'block1_conv1': {'block1_conv1/bias:0': numbers(3)}})
    save('strange.h5', {**vgg, 'block1_conv1': {'block1_conv1/alpha:0': numbers(3, 3)}})
    save('other.h5', {**vgg, 'attention': {'attention/kernel:0': numbers(3, 3, 2, 2)}})
    inception = narrow_inception()
    del inception['batch_normalization_7']['batch_normalization_7/moving_variance:0']
    save('no_variance.h5', inception)
    norms = [dict(config=dict(name='batch_normalization_1', epsilon=e)) for e in (1e-3,)]
    two = norms + [dict(config=dict(name='batch_normalization_2', epsilon=1e-5))]
    save('epsilons.h5', narrow_inception(), config=dict(config=dict(layers=two)))
    norms[0]['config']['epsilon'] = -1
    save('negative.h5', narrow_inception(), config=dict(config=dict(layers=norms)))
    with h5py.File(save('config.h5'), 'a') as file:
        file.attrs['model_config'] = b'{oops'


def bad_tfjs(folder):
    small = small_model()

    def save(name, change=None, module=False):
        save_tfjs(folder / name, small, 'uint8', module=module)
        if not module and change:
            model = json.loads((folder / name / 'model.json').read_text())
            change(model, model['weightsManifest'][0])
            (folder / name / 'model.json').write_text(json.dumps(model))
        return folder / name

    def first(change):
        return lambda _, group: change(group['weights'][0])

    (folder / 'group1-shard1of1').write_bytes(b'secret')
    save('path', lambda _, group: group.update(paths=['../group1-shard1of1']))
    save('absolute', lambda _, group: group.update(paths=['/etc/hostname']))
    save('hidden', lambda _, group: group.update(paths=['.hidden']))
    save('missing', lambda _, group: group.update(paths=['elsewhere']))
    save('doubled', lambda _, group: group.update(paths=group['paths'] * 2))
    save('no_name', lambda _, group: group.update(paths=[7]))
    save('fewer', lambda _, group: group['weights'].pop())
    save('larger', first(lambda weight: weight.update(shape=[1 << 20])))
    save('huge', first(lambda weight: weight.update(shape=[1 << 32, 1 << 32, 1 << 32])))
    save('beyond', first(lambda weight: weight.update(shape=[1 << 40])))
    save('negative', first(lambda weight: weight.update(shape=[-1])))
    save('dtype', first(lambda weight: weight.update(dtype='string')))
    save('packing', first(lambda weight: weight['quantization'].update(dtype='int3')))
    save('scale', first(lambda weight: weight['quantization'].update(scale='big')))
    save('graph', lambda model, _: model.update(format='graph-model'))
    save('no_manifest', lambda model, _: model.pop('weightsManifest'))
    save('no_topology', lambda model, _: model.update(modelTopology=3))
    shard = save('cut') / 'group1-shard1of1'
    shard.write_bytes(shard.read_bytes()[:-1])
    (save('json') / 'model.json').write_text('{"modelTopology": ')
    (save('large') / 'model.json').write_text('{"a": "' + 'x' * (5 << 20) + '"}')
    text = (save('call', module=True) / 'model.min.js').read_text()
    (folder / 'call' / 'model.min.js').write_text(text.replace('exports={', 'exports={a:f(),', 1))
    (save('nothing', module=True) / 'model.min.js').write_text('module.exports=require("x")')
    (save('endless', module=True) / 'model.min.js').write_text('module.exports={a:[1,2')
    (save('letters', module=True) / 'group1-shard1of1.min.js').write_text('e.exports="Zm9v*g=="')


def npy_bytes(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def bad(folder):
    bad_h5(folder)
    bad_tfjs(folder)
    members = {'config.json': b'{}', 'model.weights.h5': (folder / 'no_layers.h5').read_bytes()}
    for name, change in {'unnamed': {}, 'no_config': {'config.json': None}, 'no_json': {'config.json': b'{oops'},
                         'no_hdf5': {'model.weights.h5': b'PK'}, 'bomb': {'model.weights.h5': bytes(100 << 20)},
                         'no_weights': {'model.weights.h5': None}}.items():
        with zipfile.ZipFile(folder / f'{name}.keras', 'w', zipfile.ZIP_DEFLATED) as archive:
            for member, content in (members | change).items():
                if content is not None:
                    archive.writestr(member, content)
    np.savez(folder / 'objects.npz', a=np.array([{}], dtype=object))
    np.savez(folder / 'unsigned.npz', a=np.uint32([1]))
    np.savez(folder / 'complex.npz', a=np.complex64([1]))
    for name, method in {'bzip2': zipfile.ZIP_BZIP2, 'lzma': zipfile.ZIP_LZMA}.items():
        with zipfile.ZipFile(folder / f'{name}.npz', 'w', method) as archive:
            archive.writestr('a.npy', npy_bytes(numbers(2)))
    with zipfile.ZipFile(folder / 'many.npz', 'w') as archive:
        for i in range(10_001):
            archive.writestr(f'{i}.npy', b'')
    np.savez_compressed(folder / 'bomb.npz', a=np.zeros(30 << 20, 'f4'), b=np.zeros(1))


if __name__ == '__main__':
    {'write': write, 'bad': bad}[sys.argv[1]](Path(sys.argv[2]))
