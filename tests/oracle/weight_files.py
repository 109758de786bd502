"""Weight files from PyTorch itself, and an independent reader of safetensors.

weight_files.py write FOLDER   writes files and expected.json: file -> tensor -> [dtype, shape, hex]
weight_files.py parse FILE     prints tensor -> [dtype, shape, hex] and the metadata of a safetensors
"""
import json
import pickle
import struct
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path

DTYPES = {'float64': 'F64', 'float32': 'F32', 'float16': 'F16', 'bfloat16': 'BF16', 'int64': 'I64',
          'int32': 'I32', 'int16': 'I16', 'int8': 'I8', 'uint8': 'U8', 'bool': 'BOOL'}


def expected(tensors):
    import torch
    described = {}
    for name, tensor in tensors.items():
        dtype = str(tensor.dtype).split('.')[1]
        flat = tensor.detach().contiguous().reshape(-1)
        raw = (flat if dtype == 'bool' else flat.view(torch.uint8)) if flat.numel() else flat
        described[name] = [DTYPES[dtype], list(tensor.shape), raw.numpy().tobytes().hex()]
    return described


def save_2017(tensors, path):
    """The legacy layout with the globals of torch 0.1: _rebuild_tensor, Parameter filled by BUILD,
    Python 2's OrderedDict of pairs. torch.load reads it too, which is checked here."""
    import torch

    class Filled:
        """Pickles as an empty Parameter whose state holds the tensor."""

        def __init__(self, tensor):
            self.tensor = tensor

        def __reduce__(self):
            return torch.nn.parameter.Parameter, (), (self.tensor, None, OrderedDict(), True, False)

    class Old:
        def __init__(self, tensor):
            self.tensor = tensor

        def __reduce__(self):
            return (torch._utils._rebuild_tensor,
                    (self.tensor.storage(), self.tensor.storage_offset(), tuple(self.tensor.size()),
                     self.tensor.stride()))

    class Pairs:
        def __init__(self, items):
            self.items = items

        def __reduce__(self):
            return OrderedDict, (self.items,)

    storages = {}

    class Pickler(pickle._Pickler):
        def persistent_id(self, obj):
            if not torch.is_storage(obj):
                return None
            storages[str(obj.data_ptr())] = obj
            return ('storage', torch.FloatStorage, str(obj.data_ptr()), 'cpu', obj.size(), None)

    items = [[name, Filled(Old(t)) if i % 2 else Old(t)]
             for i, (name, t) in enumerate(tensors.items())]
    with open(path, 'wb') as out:
        pickle.dump(0x1950a86a20f9469cfc6c, out, protocol=2)
        pickle.dump(1001, out, protocol=2)
        pickle.dump(dict(protocol_version=1001, little_endian=True, type_sizes={}), out, protocol=2)
        Pickler(out, protocol=2).dump(Pairs(items))
        pickle.dump(list(storages), out, protocol=2)
        for storage in storages.values():
            out.write(struct.pack('<q', storage.size()))
            out.write(torch.FloatTensor(storage).numpy().tobytes())


def deflate(source, target):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))


def write(folder):
    import torch
    torch.manual_seed(0)
    base = torch.randn(6, 5)
    plain = OrderedDict([('conv.weight', torch.randn(4, 3, 2, 2)), ('conv.bias', torch.randn(4)),
                         ('bn.num_batches_tracked', torch.tensor(7))])
    dtypes = {str(d).split('.')[1]: torch.arange(-3, 5).to(d) for d in
              (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64,
               torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)}
    views = {'whole': base, 'row': base[2], 'column': base[:, 3], 'transposed': base.t(),
             'stepped': base[1::2, ::2], 'expanded': base[0].expand(3, 5), 'scalar': base[4, 4],
             'permuted': torch.randn(2, 3, 4).permute(2, 0, 1), 'ones': base[:, 1:2].t(),
             'empty': torch.empty(0, 3), 'channels_last':
             torch.randn(1, 3, 2, 2).to(memory_format=torch.channels_last)}
    parameters = OrderedDict((k, torch.nn.Parameter(v) if v.is_floating_point() else v)
                             for k, v in plain.items())
    module = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    optimizer = torch.optim.Adam(module.parameters())
    module(torch.randn(2, 1, 5, 5)).sum().backward()
    optimizer.step()
    parallel = OrderedDict(('module.' + k, v) for k, v in plain.items())
    mixed = OrderedDict(list(plain.items()) + [('module.extra', torch.ones(1))])

    cases = {
        'plain': (plain, plain), 'dtypes': (dtypes, dtypes), 'views': (views, views),
        'parameters': (parameters, parameters), 'module': (module.state_dict(),) * 2,
        'parallel': (parallel, plain), 'mixed': (mixed, mixed),
        'state_dict': ({'epoch': 3, 'state_dict': parallel, 'best': 0.5, 'names': ['a', ('b', None)],
                        'optimizer': optimizer.state_dict()}, plain),
        'model': ({'model': module.state_dict(), 'steps': 1 << 40, 'ok': True}, module.state_dict()),
        'beside': (dict(plain, epoch=-3, note='x' * 300), plain),
        'long': ({'n%d.weight' % i: torch.full((1,), float(i)) for i in range(300)},) * 2,
    }
    described = {}
    for name, (saved, tensors) in cases.items():
        for protocol in (2, 3, 4, 5):
            if protocol > 2 and name not in ('views', 'state_dict', 'long'):
                continue
            for suffix, is_zip in (('zip', True), ('legacy', False)):
                file = f'{name}_{protocol}_{suffix}.pth'
                torch.save(saved, folder / file, pickle_protocol=protocol,
                           _use_new_zipfile_serialization=is_zip)
                described[file] = expected(tensors)
    deflate(folder / 'views_2_zip.pth', folder / 'deflated.pth')
    described['deflated.pth'] = expected(views)
    floats = OrderedDict((k, v) for k, v in plain.items() if v.is_floating_point())
    save_2017(floats, folder / '2017.pth')
    loaded = torch.load(folder / '2017.pth')
    assert all(torch.equal(loaded[k], v) for k, v in floats.items()), 'not what torch reads'
    described['2017.pth'] = expected(floats)
    (folder / 'expected.json').write_text(json.dumps(described))


def parse(file):
    raw = Path(file).read_bytes()
    size, = struct.unpack('<Q', raw[:8])
    assert size % 8 == 0, 'header not padded to 8 bytes'
    assert raw[8:9] == b'{'
    header = json.loads(raw[8:8 + size])
    metadata = header.pop('__metadata__', {})
    data, at, tensors = raw[8 + size:], 0, {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]['data_offsets']):
        begin, end = entry['data_offsets']
        assert begin == at, 'gap or overlap'
        tensors[name] = [entry['dtype'], entry['shape'], data[begin:end].hex()]
        at = end
    assert at == len(data)
    print(json.dumps(dict(tensors=tensors, metadata=metadata)))


if __name__ == '__main__':
    {'write': lambda p: write(Path(p)), 'parse': parse}[sys.argv[1]](sys.argv[2])
