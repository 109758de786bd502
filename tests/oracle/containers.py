"""Writes container files for the tests of data/: containers.py KIND OUT [FOLDER].

pcam, medmnist: a small good data set each. arrays: one array in every way HDF5 and npz can store it,
with its bytes in expected.bin. bad: files that must be refused. huge: a MedMNIST file that claims
48 GiB. real FOLDER, real_npz FOLDER: PatchCamelyon's and MedMNIST's layout from the first images of
FOLDER/{train,valid,test}/{0,1}, and each image as PNG beside it. bytes FILE NAME SHAPE VALUE: one
HDF5 data set full of a value.
"""

import pathlib
import sys
import zipfile

import h5py
import numpy as np
from PIL import Image

random = np.random.default_rng(5)


def pixels(*shape):
    return random.integers(0, 256, shape, dtype=np.uint8)


def save_h5(path, name, values, **storage):
    with h5py.File(path, "w") as file:
        return file.create_dataset(name, data=values, **storage).name


def write_part(out, part, images, labels, slides):
    stem = f"camelyonpatch_level_2_split_{part}"
    # As h5py cuts the published arrays by itself: few pixels of many images in a chunk.
    chunks = (4, images.shape[1] // 16 or 1, images.shape[2] // 8 or 1, 1)
    save_h5(out / f"{stem}_x.h5", "x", images, chunks=chunks, compression="gzip",
            maxshape=(None, *images.shape[1:]))
    save_h5(out / f"{stem}_y.h5", "y", labels.reshape(-1, 1, 1, 1), compression="gzip")
    rows = [f"{i},0,0,False,{bool(label)},{slide}"
            for i, (label, slide) in enumerate(zip(labels, slides))]
    columns = ",coord_y,coord_x,tumor_patch,center_tumor_patch,wsi"
    (out / f"{stem}_meta.csv").write_text("\n".join([columns, *rows]) + "\n")


def pcam(out):
    for number, part in enumerate(("train", "valid", "test")):
        labels = np.array([0, 1, 0], dtype=np.uint8)
        write_part(out, part, pixels(3, 8, 8, 3), labels, [f"slide_{number}{i // 2}"
                                                           for i in range(3)])


def medmnist(out):
    arrays = {}
    for part in ("train", "val", "test"):
        arrays[part + "_images"] = pixels(3, 7, 5)
        arrays[part + "_labels"] = np.array([[0], [2], [1]], dtype=np.uint8)
    np.savez_compressed(out / "set.npz", **arrays)


def save_low_level(file, values, choose):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    choose(plist)
    space = h5py.h5s.create_simple(values.shape)
    dataset = h5py.h5d.create(file.id, b"x", h5py.h5t.STD_U8LE, space, plist)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, values)


def checksum_then_gzip(plist):
    plist.set_chunk((4, 6, 5, 2))
    plist.set_fletcher32()
    plist.set_deflate(4)


def arrays(out):
    values = pixels(11, 6, 5, 3)
    values.tofile(out / "expected.bin")
    storages = {
        "contiguous": {},
        "raw": {"chunks": (4, 6, 5, 3)},
        "gzip": {"chunks": (4, 6, 5, 3), "compression": "gzip"},
        "gzip_each": {"chunks": (1, 6, 5, 3), "compression": "gzip"},
        "shuffled": {"chunks": (4, 6, 5, 3), "compression": "gzip", "shuffle": True},
        "checked": {"chunks": (4, 6, 5, 3), "compression": "gzip", "fletcher32": True},
        "crossing": {"chunks": (3, 4, 2, 1), "compression": "gzip"},
        "each_value": {"chunks": (1, 1, 1, 1)},
        "resizable": {"chunks": (16, 8, 5, 3), "compression": "gzip", "maxshape": (None,) * 4},
    }
    for name, storage in storages.items():
        save_h5(out / f"{name}.h5", "x", values, **storage)
    with h5py.File(out / "unwritten.h5", "w") as file:
        file.create_dataset("x", (11, 6, 5, 3), "u1", chunks=(4, 6, 5, 3), compression="gzip",
                            fillvalue=7)[4:8] = values[4:8]
    with h5py.File(out / "newer.h5", "w", libver=("v108", "v108")) as file:
        file.create_dataset("x", data=values, chunks=(4, 3, 5, 3), compression="gzip")
    with h5py.File(out / "compact.h5", "w") as file:
        save_low_level(file, values, lambda plist: plist.set_layout(h5py.h5d.COMPACT))
    with h5py.File(out / "checked_first.h5", "w") as file:
        save_low_level(file, values, checksum_then_gzip)
    (out / "quoted.csv").write_text('path,label,group\n"a,1.png",x,"say ""p"""\r\nb.png,y,\n\n"c\n.png",x,q\n')
    numbers = np.array([[-3], [200], [70000]])
    np.savez(out / "stored.npz", x=values, one=np.uint8([-3 % 256, 200]), four=numbers.astype("<i4"),
             eight=numbers.astype("<i8"), two=np.array([60000], "<u2"))
    np.savez_compressed(out / "deflated.npz", x=values)
    np.savez(out / "fortran.npz", x=np.asfortranarray(values))
    with h5py.File(out / "types.h5", "w") as file:
        wide = np.arange(-60, 60).reshape(2, 5, 4, 3)
        for name in ("i2", "u4", "i8", "f2", "f4", "f8"):
            file.create_dataset(f"a/group/{name}", data=wide.astype(name), chunks=(1, 3, 4, 2),
                                compression="gzip", shuffle=True, fletcher32=True)
            wide.astype(name).tofile(out / f"types.{name}")
        file["a"].attrs["texts"] = [b"one", b"three"]
        file["a"].attrs["text"] = "of any length, " * 10
        file["a"].attrs["none"] = []
        file["a"].attrs["number"] = 3


def damage_chunk(path):
    with h5py.File(path, "r") as file:
        offset = file["x"].id.get_chunk_info(0).byte_offset
    damaged = bytearray(path.read_bytes())
    damaged[offset + 20] ^= 255
    path.write_bytes(bytes(damaged))


def bad(out):
    good = pixels(4, 6, 5, 3)
    save_h5(out / "wide.h5", "x", good.astype("u2"))
    save_h5(out / "float.h5", "x", good.astype("f4"))
    save_h5(out / "other.h5", "images", good)
    save_h5(out / "scalar.h5", "x", np.uint8(3))
    save_h5(out / "lzf.h5", "x", good, compression="lzf")
    save_h5(out / "cut.h5", "x", pixels(64, 16, 16, 3), chunks=(1, 16, 16, 3), compression="gzip")
    whole = (out / "cut.h5").read_bytes()
    (out / "cut.h5").write_bytes(whole[: len(whole) // 2])
    save_h5(out / "flipped.h5", "x", np.zeros((4, 64, 64, 3), "u1") + 9, chunks=(4, 64, 64, 3),
            compression="gzip")
    damage_chunk(out / "flipped.h5")
    with h5py.File(out / "links.h5", "w") as file:
        file["x"] = h5py.ExternalLink("wide.h5", "x")
    with h5py.File(out / "soft.h5", "w") as file:
        file["y"] = good
        file["x"] = h5py.SoftLink("/y")
    with h5py.File(out / "group.h5", "w") as file:
        file.create_group("x")
    save_h5(out / "none.h5", "x", good[:0])
    with h5py.File(out / "latest.h5", "w", libver="latest") as file:
        file.create_dataset("x", data=good, chunks=(2, 6, 5, 3))
    with h5py.File(out / "members.h5", "w", libver=("v108", "v108")) as file:
        for i in range(20):
            file[f"y{i}"] = i
        file["x"] = good
    save_h5(out / "checksum.h5", "x", good, chunks=(4, 6, 5, 3), fletcher32=True)
    damage_chunk(out / "checksum.h5")
    (out / "secret").write_bytes(bytes(360))
    with h5py.File(out / "external.h5", "w") as file:
        file.create_dataset("x", (4, 6, 5, 3), "u1", external=[(str(out / "secret"), 0, 360)])
    layout = h5py.VirtualLayout((4, 6, 5, 3), "u1")
    layout[:] = h5py.VirtualSource(str(out / "other.h5"), "images", (4, 6, 5, 3))
    with h5py.File(out / "virtual.h5", "w") as file:
        file.create_virtual_dataset("x", layout)
    grey, labels = pixels(4, 6, 5), np.uint8([[0], [1], [0], [1]])
    np.savez(out / "nothing.npz", x=good)
    np.savez(out / "many.npz", train_images=grey, train_labels=np.ones((4, 14), "u1"))
    np.savez(out / "volumes.npz", train_images=pixels(4, 6, 5, 6), train_labels=labels)
    np.savez(out / "fewer.npz", train_images=grey, train_labels=labels[:3])
    np.savez(out / "floats.npz", train_images=grey / 255.0, train_labels=labels)
    np.savez(out / "fractions.npz", train_images=grey, train_labels=labels / 2)
    np.savez(out / "objects.npz", train_images=np.array([{}, []], dtype=object))
    np.savez(out / "empty.npz", train_images=grey[:0], train_labels=labels[:0])
    np.savez(out / "one_class.npz", train_images=grey, train_labels=np.ones_like(labels))
    np.savez(out / "unlabelled.npz", train_images=grey)
    np.savez_compressed(out / "bomb.npz", train_images=np.zeros((100, 1000, 1000), "u1"))
    np.savez(out / "lying.npz", train_images=grey)
    with zipfile.ZipFile(out / "lying.npz", "a") as archive:
        header = {"descr": "|u1", "fortran_order": False, "shape": (60_000_000,)}
        with archive.open("train_labels.npy", "w") as member:
            np.lib.format.write_array_header_1_0(member, header)
            member.write(b"1234")
    np.savez(out / "cut.npz", train_images=grey, train_labels=labels)
    whole = (out / "cut.npz").read_bytes()
    (out / "cut.npz").write_bytes(whole[: len(whole) // 2])


def huge(out):
    with open(out / "huge.npz", "wb") as file:
        file.truncate(200 << 20)  # a hole: a small file with such claims is refused
    with zipfile.ZipFile(out / "huge.npz", "a") as archive:
        for part in ("train", "val", "test"):
            header = {"descr": "|u1", "fortran_order": False, "shape": (1 << 16, 512, 512)}
            with archive.open(f"{part}_images.npy", "w") as member:
                np.lib.format.write_array_header_1_0(member, header)


def first_images(folder, out):
    """(part, images, labels) of the first images of each part; writes each as PNG too."""
    for part in ("train", "valid", "test"):
        paths = [path for label in "01" for path in sorted((folder / part / label).glob("*"))[:5]]
        images = np.stack([np.asarray(Image.open(path).convert("RGB")) for path in paths])
        labels = np.uint8([path.parent.name == "1" for path in paths])
        for i, image in enumerate(images):
            Image.fromarray(image).save(out / f"{part}{i}.png")
        yield part, images, labels


def real(out, folder):
    for part, images, labels in first_images(folder, out):
        write_part(out, part, images, labels, [f"{part}{i % 3}" for i in range(len(images))])


def real_npz(out, folder):
    arrays = {}
    for part, images, labels in first_images(folder, out):
        name = "val" if part == "valid" else part
        arrays[name + "_images"] = images
        arrays[name + "_labels"] = labels.reshape(-1, 1)
    np.savez_compressed(out / "pathmnist.npz", **arrays)


def main():
    kind, *arguments = sys.argv[1:]
    if kind == "bytes":
        path, name, shape, value = arguments
        shape = tuple(int(length) for length in shape.split(","))
        save_h5(path, name, np.full(shape, int(value), dtype=np.uint8))
        return
    kinds = {"pcam": pcam, "medmnist": medmnist, "arrays": arrays, "bad": bad, "real": real,
             "real_npz": real_npz, "huge": huge}
    folders = [pathlib.Path(folder) for folder in arguments]
    folders[0].mkdir(parents=True, exist_ok=True)
    kinds[kind](*folders)


main()
