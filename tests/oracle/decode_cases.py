"""Writes images of many kinds by Pillow, tifffile and by hand, each with its expected RGB bytes.

decode_cases.py FOLDER: FOLDER/NAME and FOLDER/NAME.rgb (height and width as int32, then the pixels).
Prints the names, one a line.
"""
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageCms
folder = sys.argv[1]
random = np.random.RandomState(7)
height, width = 13, 18
grey8 = random.randint(0, 256, (height, width)).astype(np.uint8)
rgb8 = random.randint(0, 256, (height, width, 3)).astype(np.uint8)
rgba8 = random.randint(0, 256, (height, width, 4)).astype(np.uint8)
grey16 = random.randint(0, 65536, (height, width)).astype(np.uint16)
rgb16 = random.randint(0, 65536, (height, width, 3)).astype(np.uint16)
rgba16 = random.randint(0, 65536, (height, width, 4)).astype(np.uint16)
smooth = np.stack([np.add.outer(np.arange(height) * 9, np.arange(width) * k) for k in (3, 5, 7)], -1)
smooth = smooth.astype(np.uint8)


def on_white(rgba):
    alpha = rgba[..., 3:].astype(float) / 255
    return rgba[..., :3] * alpha + 255 * (1 - alpha)


def on_white16(rgba):
    alpha = rgba[..., 3:].astype(float) / 65535
    return (rgba[..., :3] * alpha + 65535 * (1 - alpha)) * (255 / 65535)


def premultiplied16(rgba):
    colours = np.round(rgba[..., :3].astype(float) * rgba[..., 3:] / 65535)
    return np.concatenate([colours.astype(np.uint16), rgba[..., 3:]], -1)


def write_png16(name, pixels):
    """PNG of 16 bits a sample (Pillow writes grey ones only): specification, chapters 5 and 11."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    colour_type = {3: 2, 4: 6}[pixels.shape[2]]
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, colour_type, 0, 0, 0)
    with open(f"{folder}/{name}", "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
                  chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def emit(name, expected):
    expected = np.asarray(expected, dtype=float)
    if expected.ndim == 2:
        expected = np.repeat(expected[..., None], 3, axis=2)
    pixels = np.floor(expected + 0.5).astype(np.uint8)
    with open(f"{folder}/{name}.rgb", "wb") as out:
        out.write(np.array(pixels.shape[:2], dtype="<i4").tobytes() + pixels.tobytes())
    print(name)


def save(name, array, expected, mode=None, **options):
    image = array if isinstance(array, Image.Image) else Image.fromarray(array, mode)
    image.save(f"{folder}/{name}", **options)
    emit(name, expected)


profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
palette = Image.fromarray(rgb8).quantize(32)
save("grey8.png", grey8, grey8)
save("rgb8.png", rgb8, rgb8)
save("rgb8_profile.png", rgb8, rgb8, icc_profile=profile)
save("rgb8_bad_profile.png", rgb8, rgb8, icc_profile=b"this is no colour profile")
save("rgba8.png", rgba8, on_white(rgba8))
save("grey_alpha.png", Image.fromarray(rgba8[..., 2:], "LA"),
     on_white(np.concatenate([rgba8[..., 2:3]] * 3 + [rgba8[..., 3:]], -1)))
save("palette.png", palette, np.array(palette.convert("RGB")))
save("palette_clear.png", palette, on_white(np.where(
    (np.array(palette) == 3)[..., None], 0, np.concatenate(
        [np.array(palette.convert("RGB")), np.full((height, width, 1), 255)], -1))), transparency=3)
save("bits.png", Image.fromarray(grey8).convert("1", dither=0), (grey8 >= 128) * 255)
save("grey16.png", Image.fromarray(grey16), grey16 * (255 / 65535))
write_png16("rgb16.png", rgb16)
emit("rgb16.png", rgb16 * (255 / 65535))
write_png16("rgba16.png", rgba16)
emit("rgba16.png", on_white16(rgba16))
exif = Image.Exif()
exif[0x0112] = 6  # "turn by 90 degrees"
for name, options in {"grey.jpg": {}, "rgb.jpg": {}, "progressive.jpg": {"progressive": True},
                      "turned.jpg": {"exif": exif}, "cmyk.jpg": {}}.items():
    source = Image.fromarray(smooth)
    source = source.convert({"grey.jpg": "L", "cmyk.jpg": "CMYK"}.get(name, "RGB"))
    source.save(f"{folder}/{name}", quality=95, **options)
    emit(name, np.array(Image.open(f"{folder}/{name}").convert("RGB")))
save("grey8.tif", grey8, grey8)
save("rgb8.tif", rgb8, rgb8)
save("lzw.tif", rgb8, rgb8, compression="tiff_lzw")
save("deflate.tif", rgb8, rgb8, compression="tiff_adobe_deflate")
save("grey16.tif", grey16, grey16 * (255 / 65535))
save("rgba8.tif", rgba8, on_white(rgba8))
save("palette.tif", palette, np.array(palette.convert("RGB")))
save("bits.tif", Image.fromarray(grey8).convert("1", dither=0), (grey8 >= 128) * 255)
Image.fromarray(rgb8).save(f"{folder}/pages.tif", save_all=True,
                           append_images=[Image.fromarray(255 - rgb8)])
emit("pages.tif", rgb8)
try:
    import tifffile
    tifffile.imwrite(f"{folder}/rgb16.tif", rgb16, photometric="rgb", byteorder=">")
    emit("rgb16.tif", rgb16 * (255 / 65535))
    for name, samples in (("unassalpha", rgba16), ("assocalpha", premultiplied16(rgba16))):
        tifffile.imwrite(f"{folder}/{name}.tif", samples, photometric="rgb", extrasamples=[name])
        emit(f"{name}.tif", on_white16(rgba16))
    tifffile.imwrite(f"{folder}/big.tif", rgb8, photometric="rgb", bigtiff=True)
    emit("big.tif", rgb8)
    wide = random.randint(0, 256, (40, 50, 3)).astype(np.uint8)
    tifffile.imwrite(f"{folder}/tiled.tif", wide, photometric="rgb", tile=(32, 32))
    emit("tiled.tif", wide)
    tifffile.imwrite(f"{folder}/white_is_zero.tif", grey16, photometric="miniswhite")
    emit("white_is_zero.tif", (65535 - grey16.astype(float)) * (255 / 65535))
    tifffile.imwrite(f"{folder}/white_is_zero8.tif", grey8, photometric="miniswhite")
    emit("white_is_zero8.tif", 255 - grey8.astype(float))
except ImportError:
    pass
save("rgb8.bmp", rgb8, rgb8)
save("grey8.bmp", grey8, grey8)
save("rgba8.bmp", Image.fromarray(rgba8), rgba8[..., :3])

# What must be refused.
Image.fromarray(grey16.astype(np.float32)).save(f"{folder}/float.tif")
Image.fromarray(grey16.astype(np.int32)).save(f"{folder}/int32.tif")
