"""Writes families of augmented images as LC25000's were made (Borkowski et al. 2019: turned by up to
25 degrees and cut to what stays inside, mirrored at random, saved as JPEG):
augment.py FOLDER OUT FAMILIES COPIES DEGREES OTHERS. Images of FOLDER, at any depth, are taken in the
order of their names, evenly spread. OUT/NNN_CC.jpg is copy CC of image NNN; OUT/NNN_.jpg an image
of which there is one."""

import math
import pathlib
import random
import sys

from PIL import Image

folder, out = map(pathlib.Path, sys.argv[1:3])
families, copies, degrees, others = map(int, sys.argv[3:7])
random.seed(3)


def turned(image, angle):
    width, height = image.size
    radians = math.radians(abs(angle))
    inside = 1 / (math.cos(radians) + math.sin(radians))
    x, y = ((1 - inside) * length / 2 for length in (width, height))
    return image.rotate(angle, Image.BICUBIC).resize(
        (width, height), Image.BICUBIC, box=(x, y, width - x, height - y))


def augmented(image):
    image = turned(image, random.uniform(-degrees, degrees))
    for flip in (Image.FLIP_LEFT_RIGHT, Image.FLIP_TOP_BOTTOM):
        if random.random() < 0.5:
            image = image.transpose(flip)
    return image


paths = sorted(path for path in folder.rglob("*") if path.suffix in (".jpg", ".png"))
paths = paths[:: len(paths) // (families + others)][: families + others]
out.mkdir(parents=True, exist_ok=True)
for number, path in enumerate(paths):
    picture = Image.open(path).convert("RGB")
    if number >= families:
        picture.save(out / f"{number:03}_.jpg", quality=90)
        continue
    for copy in range(copies):
        augmented(picture).save(out / f"{number:03}_{copy:02}.jpg", quality=75)
