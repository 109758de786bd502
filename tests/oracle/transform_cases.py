"""Writes a random image, its eight dihedral views by numpy and resized copies by exact means.

transform_cases.py FOLDER: image.rgb, view0.rgb .. view7.rgb, halved.rgb (mean of 2 x 2 blocks),
third.rgb (mean of 3 x 3 blocks), each as height and width (int32), then the pixels.
"""
import sys

import numpy as np

folder = sys.argv[1]
image = np.random.RandomState(3).randint(0, 256, (12, 18, 3)).astype(np.uint8)


def emit(name, pixels):
    pixels = np.floor(np.asarray(pixels, dtype=float) + 0.5).astype(np.uint8)
    with open(f"{folder}/{name}.rgb", "wb") as out:
        out.write(np.array(pixels.shape[:2], dtype="<i4").tobytes() + pixels.tobytes())


def block_means(size):
    height, width = image.shape[0] // size, image.shape[1] // size
    return image.reshape(height, size, width, size, 3).astype(float).mean((1, 3))


emit("image", image)
for view in range(8):
    emit(f"view{view}", np.rot90(image[:, ::-1] if view % 2 else image, view // 2))
emit("halved", block_means(2))
emit("third", block_means(3))
