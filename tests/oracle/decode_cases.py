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


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(row, bits):
    """One row of samples, most significant bit first."""
    if bits == 16:
        return row.astype(">u2").tobytes()
    return np.packbits(np.unpackbits(row.astype(np.uint8)[..., None], axis=-1)[..., -bits:]).tobytes()


def write_png(name, pixels, bits, clear=None, interlaced=False):
    """PNG of bits and with chunks that Pillow does not write: specification, chapters 5, 8 and 11.

    clear: the value of grey, or of red, green and blue, that is transparent."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]
    rows = b"".join(b"\0" + packed(row.reshape(-1), bits) for x, y, dx, dy in passes
                    for row in pixels[y::dy, x::dx] if row.size)
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[1 if pixels.ndim == 2 else pixels.shape[2]]
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], bits, colour_type, 0, 0,
                         int(interlaced))
    transparent = b"" if clear is None else chunk(b"tRNS", np.array(clear, ">u2").tobytes())
    with open(f"{folder}/{name}", "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + transparent +
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
write_png("rgb16.png", rgb16, 16)
emit("rgb16.png", rgb16 * (255 / 65535))
write_png("rgba16.png", rgba16, 16)
emit("rgba16.png", on_white16(rgba16))
for bits in (1, 2, 4, 8, 16):
    few = grey16 >> (16 - bits)
    level = few * (255 / (2**bits - 1))
    write_png(f"grey_{bits}.png", few, bits)
    emit(f"grey_{bits}.png", level)
    write_png(f"grey_{bits}_clear.png", few, bits, clear=[few[0, 0]])
    emit(f"grey_{bits}_clear.png", np.where(few == few[0, 0], 255, level))
    write_png(f"grey_{bits}_interlaced.png", few, bits, interlaced=True)
    emit(f"grey_{bits}_interlaced.png", level)
for name, colours, bits in (("rgb8_clear", rgb8, 8), ("rgb16_clear", rgb16, 16)):
    write_png(f"{name}.png", colours, bits, clear=colours[0, 0])
    clear = (colours == colours[0, 0]).all(-1, keepdims=True)
    emit(f"{name}.png", np.where(clear, 255, colours * (255 / (2**bits - 1))))
write_png("grey_alpha16.png", rgba16[..., 2:], 16)
emit("grey_alpha16.png", on_white16(rgba16[..., [2, 2, 2, 3]]))
wide = np.tile(grey8, (1, 55556))[:1]
write_png("wide.png", wide, 8)  # more than libpng allows by itself
emit("wide.png", wide)
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
    with tifffile.TiffWriter(f"{folder}/reduced.tif") as file:
        file.write(rgb8, photometric="rgb")
        file.write(rgb8[::2, ::2], photometric="rgb", subfiletype=1)
    emit("reduced.tif", rgb8)
    tifffile.imwrite(f"{folder}/tiled.tif", wide, photometric="rgb", tile=(32, 32))
    emit("tiled.tif", wide)
    for turned in (3, 6):  # stays as it is stored
        for name, samples in (("rgb8", rgb8), ("rgb16", rgb16), ("white", grey8 // 255)):
            tifffile.imwrite(f"{folder}/{name}_turned{turned}.tif", samples,
                             photometric="rgb" if samples.ndim == 3 else "minisblack",
                             extratags=[(274, "H", 1, turned, True)])
            emit(f"{name}_turned{turned}.tif", samples * (255 / np.iinfo(samples.dtype).max))
    for kind in ("unassalpha", "assocalpha"):
        for name, pair in (("8", rgba8[..., 2:]), ("16", rgba16[..., 2:])):
            full = np.iinfo(pair.dtype).max
            grey, alpha = pair[..., 0].astype(float), pair[..., 1].astype(float)
            stored = grey if kind == "unassalpha" else np.round(grey * alpha / full)
            tifffile.imwrite(f"{folder}/grey_{kind}{name}.tif", photometric="minisblack",
                             data=np.stack([stored, alpha], -1).astype(pair.dtype),
                             extrasamples=[kind])
            weighted = grey * alpha if kind == "unassalpha" else stored * full
            emit(f"grey_{kind}{name}.tif", (weighted / full + full - alpha) * (255 / full))
    tifffile.imwrite(f"{folder}/rgbx.tif", rgba8, photometric="rgb", extrasamples=["unspecified"])
    emit("rgbx.tif", rgba8[..., :3])
    large = random.randint(0, 65536, (37, 45, 4)).astype(np.uint16)
    for order in "<>":
        for tile in (None, (16, 16)):
            for planes in ("contig", "separate"):
                for dtype in (np.uint8, np.uint16):
                    for compression in (None, "zlib"):
                        for samples in (1, 3, 4):
                            if samples == 1 and planes == "separate":
                                continue
                            pixels = (large[..., :samples] >> (16 - 8 * dtype().itemsize)).astype(dtype)
                            name = "_".join(map(str, ("tif", "le" if order == "<" else "be", tile and 16,
                                                      planes, dtype.__name__, compression, samples)))
                            stored = pixels if planes == "contig" else np.moveaxis(pixels, -1, 0)
                            tifffile.imwrite(
                                f"{folder}/{name}.tif", stored[..., 0] if samples == 1 else stored,
                                photometric="rgb" if samples > 1 else "minisblack",
                                planarconfig=planes if samples > 1 else None, tile=tile,
                                compression=compression, byteorder=order,
                                extrasamples=["unassalpha"] if samples == 4 else None)
                            full = np.iinfo(dtype).max
                            colours = pixels[..., :3].astype(float)
                            if samples == 4:
                                alpha = pixels[..., 3:].astype(float) / full
                                colours = colours * alpha + full * (1 - alpha)
                            emit(f"{name}.tif", np.broadcast_to(colours, (37, 45, 3)) * (255 / full))
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
for name, samples, kinds in (("five", 5, [0] * 4), ("two", 2, [0])):
    tifffile.imwrite(f"{folder}/{name}.tif", random.randint(0, 256, (20, 30, samples), np.uint8),
                     photometric="minisblack", planarconfig="contig", extrasamples=kinds)
Image.fromarray(smooth).save(f"{folder}/jpeg.tif", compression="jpeg")
with open(f"{folder}/jpeg.tif", "rb") as file:
    damaged = bytearray(file.read())
scan = damaged.index(b"\xff\xda") + 14
damaged[scan + 20:scan + 22] = b"\xff\xd9"  # the image ends early
with open(f"{folder}/jpeg.tif", "wb") as file:
    file.write(damaged)
with open(f"{folder}/grey8.png", "rb") as file:
    png = file.read()
start, end = png.index(b"IDAT") - 4, png.index(b"IEND") - 4
for name, data in (("no_zlib", b"no zlib"), ("few_rows", zlib.compress(b"\0" * 19))):
    with open(f"{folder}/{name}.png", "wb") as file:
        file.write(png[:start] + chunk(b"IDAT", data) + png[end:])
with open(f"{folder}/odd_bits.png", "wb") as file:
    file.write(png[:8] + chunk(b"IHDR", png[16:24] + b"\3" + png[25:29]) + png[33:])
# Many strips that are the whole file, each.
strips = 4000
entries = [(256, 3, 1, 8), (257, 3, 1, strips), (258, 3, 1, 8), (262, 3, 1, 1), (278, 3, 1, 1)]
table = 8 + 2 + 12 * 7 + 4
size = table + 8 * strips + 300000
entries += [(273, 4, strips, table), (279, 4, strips, table + 4 * strips)]
with open(f"{folder}/overlap.tif", "wb") as file:
    file.write(b"II*\0" + struct.pack("<IH", 8, len(entries)) +
               b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries)) + bytes(4) +
               bytes(4 * strips) + struct.pack("<I", size) * strips + bytes(300000))
