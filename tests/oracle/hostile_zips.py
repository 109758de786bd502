"""hostile_zips.py FOLDER: zip archives that look like torch.save's and are not to be trusted."""
import pickle
import struct
import sys
import warnings
import zipfile
from pathlib import Path

import torch

folder = Path(sys.argv[1])
warnings.simplefilter('ignore')  # duplicate names are meant


class Storage:
    def __init__(self, key, elements):
        self.key, self.elements = key, elements


class Tensor:
    def __init__(self, key='0', elements=4, shape=(4,), strides=(1,)):
        self.args = (Storage(key, elements), 0, shape, strides, False, {})

    def __reduce__(self):
        return torch._utils._rebuild_tensor_v2, self.args


class Attack:
    def __reduce__(self):
        import os
        return os.system, (f'touch {folder}/was_run',)


class Pickler(pickle._Pickler):
    def persistent_id(self, obj):
        if isinstance(obj, Storage):
            return 'storage', torch.FloatStorage, obj.key, 'cpu', obj.elements
        return None


def pickled(obj):
    import io
    out = io.BytesIO()
    Pickler(out, protocol=2).dump(obj)
    return out.getvalue()


def save(name, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(folder / f'{name}.pth', 'w', compression) as out:
        for member, content in members:
            out.writestr(member, content)


def patch(name, source, change):
    raw = bytearray((folder / f'{source}.pth').read_bytes())
    change(raw)
    (folder / f'{name}.pth').write_bytes(raw)


def each(raw, signature, size, value, offset):
    """Overwrites a field of every header with that signature whose name is a/data/0."""
    at = raw.find(signature)
    while at >= 0:
        if raw[at:at + size + 8].endswith(b'a/data/0'):
            raw[at + offset:at + offset + len(value)] = value
        at = raw.find(signature, at + 1)


LOCAL, CENTRAL = (b'PK\x03\x04', 30), (b'PK\x01\x02', 46)
four = struct.pack('<4f', 1, 2, 3, 4)
good = pickled({'w': Tensor()})
save('good', [('a/data.pkl', good), ('a/data/0', four)])
zeros = 96 << 20
save('bomb', [('a/data.pkl', pickled({'w': Tensor(elements=zeros // 4, shape=(zeros // 4,))})),
              ('a/data/0', bytes(zeros))], zipfile.ZIP_DEFLATED)


def lie(raw):
    each(raw, *LOCAL, struct.pack('<I', 1 << 20), 22)
    each(raw, *CENTRAL, struct.pack('<I', 1 << 20), 24)


def encrypt(raw):
    each(raw, *LOCAL, b'\x01', 6)
    each(raw, *CENTRAL, b'\x01', 8)


def flip(raw):
    raw[raw.find(four)] ^= 1


patch('lying_size', 'good', lie)
patch('encrypted', 'good', encrypt)
patch('flipped', 'good', flip)
save('bzip2', [('a/data.pkl', good), ('a/data/0', four)], zipfile.ZIP_BZIP2)
save('many', [('a/data.pkl', good), ('a/data/0', four), *((f'a/data/{i}', b'') for i in range(1, 10_000))])
save('missing_storage', [('a/data.pkl', good)])
save('short_storage', [('a/data.pkl', good), ('a/data/0', four[:8])])
save('twice', [('a/data.pkl', good), ('a/data/0', four), ('a/data/0', four)])
save('no_object', [('a/data/0', four)])
save('two_objects', [('a/data.pkl', good), ('b/data.pkl', good), ('a/data/0', four)])
save('big_endian', [('a/data.pkl', good), ('a/data/0', four), ('a/byteorder', 'big')])
save('path_trick', [('a/data.pkl', pickled({'w': Tensor(key='../../../etc/passwd')}))])
save('attack', [('a/data.pkl', pickled({'w': Attack()})), ('a/data/0', four)])
save('trailing_pickle', [('a/data.pkl', good + good), ('a/data/0', four)])
save('stride_bomb', [('a/data.pkl', pickled({'w': Tensor(shape=(1 << 20, 1 << 20), strides=(0, 0))})),
                     ('a/data/0', four)])
