"""Stain and colour changes by numpy, skimage and Pillow, each from its published formulas.

stain_cases.py FOLDER [IMAGE ...]: for patch number i (two drawn ones, then the images given):
i.rgb, i_reinhard.rgb, i_macenko.rgb, i_hed.rgb, i_bright.rgb, i_contrast.rgb, i_saturated.rgb,
i_hue.rgb, each as height and width (int32), then the pixels. Prints the number of patches.
"""
import sys

import numpy as np
from PIL import Image, ImageEnhance
from skimage import color

folder = sys.argv[1]


def emit(name, pixels):
    pixels = np.clip(np.floor(np.asarray(pixels, dtype=float) + 0.5), 0, 255).astype(np.uint8)
    with open(f"{folder}/{name}.rgb", "wb") as out:
        out.write(np.array(pixels.shape[:2], dtype="<i4").tobytes() + pixels.tobytes())


def drawn(seed, glass):
    """Two stains in blocks, a share of them glass, with a little noise."""
    random = np.random.RandomState(seed)
    amounts = random.uniform(0.05, [1.6, 1.2], (12, 12, 2)) * (random.rand(12, 12, 1) > glass)
    amounts = np.kron(amounts, np.ones((4, 4, 1)))
    density = amounts @ np.array([[0.60, 0.72, 0.35], [0.20, 0.85, 0.40]])
    return np.clip(245 * np.exp(-density) + random.normal(0, 2, density.shape), 0, 255).astype(np.uint8)


def density(image, light):
    return -np.log((image.reshape(-1, 3).astype(float) + 1) / light)


def macenko(image):
    reference = np.array([[0.5626, 0.2159], [0.7201, 0.8012], [0.4062, 0.5581]])
    all_pixels = density(image, 240)
    stained = all_pixels[all_pixels.mean(1) >= 0.15]
    dense = stained[(stained >= 0.15).all(1)]
    axes = np.linalg.eigh(np.cov(dense.T))[1][:, [2, 1]]
    axes[:, 0] *= np.sign(axes[:, 0].sum())
    x, y = (dense @ axes).T
    low, high = np.percentile(np.arctan2(y, x), [1, 99])
    pair = sorted((axes @ [np.cos(a), np.sin(a)] for a in (low, high)), key=lambda v: -v[0])
    stains = np.array(pair).T
    most = np.percentile(np.linalg.lstsq(stains, stained.T, rcond=None)[0], 99, axis=1)
    amounts = np.linalg.lstsq(stains, all_pixels.T, rcond=None)[0]
    amounts *= (np.array([1.9705, 1.0308]) / most)[:, None]
    return (240 * np.exp(-(reference @ amounts).T) - 1).reshape(image.shape)


def reinhard(image):
    lms = np.array([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
    lab = np.diag([1 / np.sqrt(3), 1 / np.sqrt(6), 1 / np.sqrt(2)]) @ [[1, 1, 1], [1, 1, -2], [1, -1, 0]]
    mean = np.array([8.74108109, -0.12440419, 0.0444982])
    deviation = np.array([0.6135447, 0.10989545, 0.0286032])
    pixels = np.maximum(image.reshape(-1, 3), 1).astype(float)
    stained = density(image, 240).mean(1) >= 0.15
    x = np.log(pixels @ lms.T) @ lab.T
    x = (x - x[stained].mean(0)) / x[stained].std(0) * deviation + mean
    changed = np.exp(x @ np.linalg.inv(lab).T) @ np.linalg.inv(lms).T
    return np.where(stained[:, None], changed, image.reshape(-1, 3)).reshape(image.shape)


def hed(image):
    amounts = density(image, 256) @ color.hed_from_rgb * [1.2, 0.85, 1.1] + [0.05, -0.03, 0.02]
    return (256 * np.exp(-amounts @ color.rgb_from_hed) - 1).reshape(image.shape)


def hue(image):
    yiq = color.rgb2yiq(image / 255.0)
    turned = (yiq[..., 1] + 1j * yiq[..., 2]) * np.exp(2j * np.pi * 0.03)
    return 255 * color.yiq2rgb(np.stack([yiq[..., 0], turned.real, turned.imag], -1))


patches = [drawn(1, 0.0), drawn(2, 0.5)] + [np.array(Image.open(name)) for name in sys.argv[2:]]
for i, patch in enumerate(patches):
    emit(i, patch)
    emit(f"{i}_reinhard", reinhard(patch))
    emit(f"{i}_macenko", macenko(patch))
    emit(f"{i}_hed", hed(patch))
    emit(f"{i}_hue", hue(patch))
    pillow = Image.fromarray(patch)
    emit(f"{i}_bright", ImageEnhance.Brightness(pillow).enhance(1.3))
    emit(f"{i}_contrast", ImageEnhance.Contrast(pillow).enhance(0.6))
    emit(f"{i}_saturated", ImageEnhance.Color(pillow).enhance(1.4))
print(len(patches))
