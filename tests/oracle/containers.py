"""Writes container files for the tests of data/: containers.py KIND OUT [FOLDER].

pcam, medmnist: a small good data set each. arrays: one array in every way HDF5 and npz can store it,
with its bytes in expected.bin. bad: files that must be refused. real FOLDER: PatchCamelyon's layout
from the first images of FOLDER/{train,valid,test}/{0,1}, and each image as PNG beside it.
"""

import pathlib
import sys

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
    save_h5(out / f"{stem}_x.h5", "x", images, chunks=(2, *images.shape[1:]), compression="gzip")
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
    }
    for name, storage in storages.items():
        save_h5(out / f"{name}.h5", "x", values, **storage)
    with h5py.File(out / "unwritten.h5", "w") as file:
        file.create_dataset("x", (11, 6, 5, 3), "u1", chunks=(4, 6, 5, 3), compression="gzip",
                            fillvalue=7)[4:8] = values[4:8]
    numbers = np.array([[-3], [200], [70000]])
    np.savez(out / "stored.npz", x=values, one=np.uint8([-3 % 256, 200]), four=numbers.astype("<i4"),
             eight=numbers.astype("<i8"), two=np.array([60000], "<u2"))
    np.savez_compressed(out / "deflated.npz", x=values)


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
    with h5py.File(out / "flipped.h5", "r") as file:
        offset = file["x"].id.get_chunk_info(0).byte_offset
    damaged = bytearray((out / "flipped.h5").read_bytes())
    damaged[offset + 20] ^= 255
    (out / "flipped.h5").write_bytes(bytes(damaged))
    with h5py.File(out / "links.h5", "w") as file:
        file["x"] = h5py.ExternalLink("wide.h5", "x")
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
    np.savez(out / "fortran.npz", train_images=np.asfortranarray(grey), train_labels=labels)
    np.savez(out / "objects.npz", train_images=np.array([{}, []], dtype=object))
    np.savez(out / "cut.npz", train_images=grey, train_labels=labels)
    whole = (out / "cut.npz").read_bytes()
    (out / "cut.npz").write_bytes(whole[: len(whole) // 2])


def real(out, folder):
    for part in ("train", "valid", "test"):
        paths = [path for label in "01" for path in sorted((folder / part / label).glob("*"))[:5]]
        images = np.stack([np.asarray(Image.open(path).convert("RGB")) for path in paths])
        labels = np.uint8([path.parent.name == "1" for path in paths])
        write_part(out, part, images, labels, [f"{part}{i % 3}" for i in range(len(paths))])
        for i, image in enumerate(images):
            Image.fromarray(image).save(out / f"{part}{i}.png")


def main():
    kinds = {"pcam": pcam, "medmnist": medmnist, "arrays": arrays, "bad": bad, "real": real}
    kind, *folders = sys.argv[1:]
    folders = [pathlib.Path(folder) for folder in folders]
    folders[0].mkdir(parents=True, exist_ok=True)
    kinds[kind](*folders)


main()
