"""Writes DICOM files by pydicom (and DCMTK's own compressors), with the pixels to expect.

dicom_cases.py cases FOLDER [IMAGE]: NAME.dcm and for each frame NAME.FRAME.rgb (height and width as
int32, then RGB); prints "NAME FRAMES" lines. IMAGE is what the colour cases show.
dicom_cases.py set FOLDER: a data set with labels.csv; nameless FOLDER: one without PatientID;
named FOLDER PATH PATIENT STUDY ...: files with these PatientIDs and StudyInstanceUIDs;
patients FOLDER: a data set that is large enough for a study.
dicom_cases.py bad FOLDER: files that must be refused.

Grey values are those of pydicom's apply_modality_lut and apply_voi_lut, spread over 0 to 255.
"""
import pathlib
import subprocess
import sys

import numpy as np
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_pixel_data_frame
from pydicom.pixel_data_handlers.util import (apply_color_lut, apply_modality_lut, apply_voi_lut,
                                              convert_color_space)
from pydicom.uid import (ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian,
                         JPEG2000Lossless, JPEGBaseline8Bit, RLELossless,
                         SecondaryCaptureImageStorage)
import io

kind, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(11)
height, width = 23, 31


def make(pixels, syntax=ExplicitVRLittleEndian, number=1, **attributes):
    """A data set of grey (H x W or N x H x W) or colour (... x 3) pixels of 8 or 16 bits."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = f"1.2.826.0.1.3680043.8.498.{number}"
    ds.is_little_endian = syntax != ExplicitVRBigEndian
    ds.is_implicit_VR = syntax == ImplicitVRLittleEndian
    ds.SOPClassUID = SecondaryCaptureImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID
    colour = pixels.shape[-1] == 3
    sizes = pixels.shape[:-1] if colour else pixels.shape
    ds.Rows, ds.Columns = sizes[-2:]
    if len(sizes) == 3:
        ds.NumberOfFrames = sizes[0]
    ds.SamplesPerPixel = 3 if colour else 1
    if colour:
        ds.PlanarConfiguration = 0
    ds.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 8 * pixels.dtype.itemsize
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    order = "<" if ds.is_little_endian else ">"
    ds.PixelData = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    if len(ds.PixelData) % 2:
        ds.PixelData += b"\0"
    ds["PixelData"].VR = "OB" if ds.BitsAllocated == 8 else "OW"
    for name, value in attributes.items():
        setattr(ds, name, value)
    ds.HighBit = ds.BitsStored - 1
    return ds


def save(name, ds):
    ds.save_as(folder / name, write_like_original=False)
    return folder / name


def lookup_table(first, values, bits, modality=False):
    item = Dataset()
    item.LUTDescriptor = [len(values), first, bits]
    item.LUTData = np.asarray(values, dtype="<u2").tobytes()
    item["LUTData"].VR = "OW"
    item["LUTDescriptor"].VR = "US" if first >= 0 else "SS"
    if modality:
        item.ModalityLUTType = "US"
    return [item]


def possible(ds):
    """The least and the greatest value that there can be, in the order of the stored ones."""
    if "ModalityLUTSequence" in ds:
        return 0, 2 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1
    half = 2 ** (ds.BitsStored - 1)
    ends = np.array((-half, half - 1) if ds.PixelRepresentation else (0, 2 * half - 1))
    return ends * ds.get("RescaleSlope", 1) + ds.get("RescaleIntercept", 0)


def has_window(ds):
    """Whether there is one that the standard allows: pydicom raises for the others."""
    exact = ds.get("VOILUTFunction", "LINEAR") != "LINEAR"
    widths = np.atleast_1d(ds.get("WindowWidth", 0))
    return widths[0] > 0 if exact else widths[0] >= 1


def padding(ds, pixels):
    if "PixelPaddingValue" not in ds:
        return np.zeros(pixels.shape, bool)
    ends = ds.PixelPaddingValue, ds.get("PixelPaddingRangeLimit", ds.PixelPaddingValue)
    return (pixels >= min(ends)) & (pixels <= max(ends))


def shown(ds, pixels):
    """What one grey frame is meant to look like, 0 to 255."""
    stored = apply_modality_lut(pixels, ds).astype(float)
    low, high = possible(ds)
    if "VOILUTSequence" in ds:
        top = 2 ** ds.VOILUTSequence[0].LUTDescriptor[2] - 1
        values = apply_voi_lut(stored.astype(int), ds) / top
    elif has_window(ds):
        values = (apply_voi_lut(stored, ds) - low) / (high - low)
    else:
        if ds.BitsStored > 8:
            image = stored[~padding(ds, pixels)]
            low, high = image.min(), image.max()
        values = (stored - min(low, high)) / abs(high - low)
    values = values.clip(0, 1)
    inverse = "INVERSE" if ds.PhotometricInterpretation == "MONOCHROME1" else "IDENTITY"
    if ds.get("PresentationLUTShape", inverse) == "INVERSE":
        values = 1 - values
    return values * 255


def expect(name, frames):
    for number, frame in enumerate(frames):
        frame = np.asarray(frame, dtype=float)
        if frame.ndim == 2:
            frame = np.repeat(frame[..., None], 3, axis=2)
        pixels = np.floor(frame + 0.5).clip(0, 255).astype(np.uint8)
        (folder / f"{name}.{number}.rgb").write_bytes(
            np.array(pixels.shape[:2], dtype="<i4").tobytes() + pixels.tobytes())
    print(name, len(frames))


def grey(name, pixels, **attributes):
    ds = make(pixels, **attributes)
    save(name + ".dcm", ds)
    frames = ds.pixel_array if ds.pixel_array.ndim == 3 else [ds.pixel_array]
    expect(name, [shown(ds, frame) for frame in frames])


def with_jpeg(pixels, encoded, fragments=1, **attributes):
    """A data set that describes `pixels` and holds the JPEGs in so many fragments each."""
    ds = make(pixels, syntax=JPEGBaseline8Bit, **attributes)
    ds.PixelData = encapsulate(encoded, fragments_per_frame=fragments)
    ds["PixelData"].is_undefined_length = True
    return ds


def encapsulated(name, frames, encoded, photometric, fragments=1):
    pixels = np.stack(frames) if len(frames) > 1 else frames[0]
    ds = with_jpeg(pixels, encoded, fragments)
    ds.PhotometricInterpretation = photometric
    save(name + ".dcm", ds)
    expect(name, [np.array(Image.open(io.BytesIO(data)).convert("RGB")) for data in encoded])


def jpeg(pixels):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=90)
    return out.getvalue()


def compressed(name, source, command, expected):
    subprocess.run([*command, folder / (source + ".dcm"), folder / (name + ".dcm")], check=True)
    expect(name, expected)


def cases():
    grey8 = random.integers(0, 256, (height, width), dtype=np.uint8)
    grey12 = random.integers(0, 4096, (height, width), dtype=np.uint16)
    signed = random.integers(-1024, 3000, (height, width)).astype(np.int16)
    colour = np.stack([np.add.outer(np.arange(height) * 5, np.arange(width) * k)
                       for k in (1, 2, 4)], -1).astype(np.uint8)
    if len(sys.argv) > 3:
        colour = np.array(Image.open(sys.argv[3]).convert("RGB"))
    planes = np.stack([grey8, 255 - grey8, grey8 // 2])
    grey("plain8", grey8)
    grey("inverted8", grey8, PhotometricInterpretation="MONOCHROME1")
    grey("stretched12", grey12, BitsStored=12)
    grey("stretched16", grey12 * 15)
    grey("rescaled", signed, RescaleSlope=2, RescaleIntercept=-1000)
    grey("windowed", signed, RescaleSlope=1, RescaleIntercept=-24, WindowCenter=[40, 500],
         WindowWidth=[400, 90])
    grey("inverted_window", grey12, BitsStored=12, WindowCenter=2000, WindowWidth=900,
         PhotometricInterpretation="MONOCHROME1")
    grey("windowed8", grey8, WindowCenter=100, WindowWidth=80)
    grey("sigmoid", grey12, BitsStored=12, WindowCenter=2000, WindowWidth=900,
         VOILUTFunction="SIGMOID")
    grey("exact", grey12 % 8, BitsStored=12, WindowCenter=3.5, WindowWidth=6,
         VOILUTFunction="LINEAR_EXACT")
    grey("narrow", grey12 % 8, BitsStored=12, WindowCenter=4, WindowWidth=6)
    for kind, shape in ((1, "INVERSE"), (1, "IDENTITY"), (2, "INVERSE"), (2, "IDENTITY")):
        grey(f"monochrome{kind}_{shape}", grey12, BitsStored=12, PresentationLUTShape=shape,
             PhotometricInterpretation=f"MONOCHROME{kind}", WindowCenter=2000, WindowWidth=900)
    for slope in (1, 0.1, 0.01, 0.001, 0.0001, -0.01):
        rescaled = {"BitsStored": 12, "RescaleSlope": slope, "RescaleIntercept": 7}
        window = {"WindowCenter": 7 + 2000 * slope, "WindowWidth": 3000 * abs(slope)}
        grey(f"slope_{slope}", grey12, **rescaled)
        grey(f"exact_{slope}", grey12, **rescaled, **window, VOILUTFunction="LINEAR_EXACT")
        grey(f"sigmoid_{slope}", grey12, **rescaled, **window, VOILUTFunction="SIGMOID")
        if window["WindowWidth"] >= 1:
            grey(f"linear_{slope}", grey12, **rescaled, **window)
    grey("rescaled8", grey8, RescaleSlope=-2, RescaleIntercept=100)
    for name, wide in {"zero": 0, "negative": -5, "half": 0.5}.items():
        grey(f"{name}_width", grey12 // 2, BitsStored=12, WindowCenter=100, WindowWidth=wide)
    grey("one_wide", grey12, BitsStored=12, WindowCenter=2000, WindowWidth=1)
    scan = np.tile(np.linspace(-100, 200, width).astype(np.int16), (height, 1))
    scan[:, :8] = -2000
    grey("padded", scan, PixelPaddingValue=-2000)
    scan[:, 4:8] = -1500
    grey("padded_range", scan, PixelPaddingValue=-2000, PixelPaddingRangeLimit=-1200)
    grey("padded_unsigned", (scan + 2000).astype(np.uint16), PixelPaddingValue=0,
         PixelPaddingRangeLimit=800)
    grey("voi_lut", grey12, BitsStored=12,
         VOILUTSequence=lookup_table(100, np.arange(3000)[::-1] * 21, 16))
    grey("modality_lut", grey8, ModalityLUTSequence=lookup_table(0, np.arange(256) ** 2, 16,
         True), WindowCenter=32000, WindowWidth=48000)
    grey("implicit", signed, syntax=ImplicitVRLittleEndian, WindowCenter=40, WindowWidth=400)
    grey("big_endian", signed, syntax=ExplicitVRBigEndian, WindowCenter=40, WindowWidth=400)
    grey("frames", planes)
    grey("frames12", np.stack([grey12, grey12 // 3]), BitsStored=12)
    save("rgb.dcm", make(colour))
    expect("rgb", [colour])
    save("planar.dcm", make(colour, PlanarConfiguration=1,
                            PixelData=np.moveaxis(colour, -1, 0).tobytes()))
    expect("planar", [colour])
    ybr = convert_color_space(colour, "RGB", "YBR_FULL")
    save("ybr.dcm", make(ybr, PhotometricInterpretation="YBR_FULL"))
    expect("ybr", [convert_color_space(ybr, "YBR_FULL", "RGB")])
    pairs = ybr[:, :ybr.shape[1] // 2 * 2].reshape(len(ybr), -1, 2, 3)
    shared = np.concatenate([pairs[..., 0], pairs[:, :, 0, 1:]], -1).astype(np.uint8)
    ds = make(ybr[:, :2 * shared.shape[1]], PhotometricInterpretation="YBR_FULL_422",
              PixelData=shared.tobytes())
    save("ybr_422.dcm", ds)
    expect("ybr_422", [convert_color_space(ds.pixel_array, "YBR_FULL_422", "RGB")])
    tables = random.integers(0, 65536, (3, 256)).astype("<u2")
    names = ("Red", "Green", "Blue")
    palette = make(grey8, PhotometricInterpretation="PALETTE COLOR",
                   **{f"{c}PaletteColorLookupTableDescriptor": [256, 0, 16] for c in names},
                   **{f"{c}PaletteColorLookupTableData": t.tobytes()
                      for c, t in zip(names, tables)})
    save("palette.dcm", palette)
    expect("palette", [apply_color_lut(grey8, palette) // 257])
    for name, pixels in {"rle8": grey8, "rle_rgb": colour, "rle_frames": planes}.items():
        ds = make(pixels)
        ds.compress(RLELossless)
        save(name + ".dcm", ds)
        expect(name, planes if name == "rle_frames" else [pixels])
    encapsulated("jpeg", [grey8], [jpeg(grey8)], "MONOCHROME2")
    encapsulated("jpeg_colour", [colour], [jpeg(colour)], "YBR_FULL_422")
    encapsulated("jpeg_frames", list(planes), [jpeg(plane) for plane in planes], "MONOCHROME2")
    # The header of each JPEG goes over several fragments.
    encapsulated("fragments", [grey8], [jpeg(grey8)], "MONOCHROME2", 20)
    encapsulated("frames_fragments", list(planes), [jpeg(plane) for plane in planes], "MONOCHROME2",
                 20)
    windowed = [shown(make(signed, RescaleSlope=1, RescaleIntercept=-24, WindowCenter=40,
                           WindowWidth=400), signed)]
    compressed("jpeg_lossless", "windowed", ["dcmcjpeg", "+e1"], windowed)
    compressed("jpeg_ls", "windowed", ["dcmcjpls"], windowed)
    compressed("jpeg_ls_rgb", "rgb", ["dcmcjpls"], [colour])


def write_set():
    def image(name, number, **attributes):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        save(name, make(random.integers(0, 256, (8, 8), dtype=np.uint8), number=number,
                        **attributes))
    image("a/one.dcm", 1, PatientID="MUELLER^1965")
    image("a/IM0002", 2, PatientID="MUELLER^1965 ")
    image("b/three.dcm", 3, PatientID="SMITH")
    save("b/loop.dcm", make(random.integers(0, 256, (3, 8, 8), dtype=np.uint8), number=4,
                            PatientID="SMITH"))
    (folder / "labels.csv").write_text(
        "path,label\na/one.dcm,benign\na/IM0002,malignant\n"
        "1.2.826.0.1.3680043.8.498.3,benign\nb/loop.dcm,malignant\n")


def write_nameless():
    def image(name, number, frames, **attributes):
        pixels = random.integers(0, 256, (frames, 8, 8), dtype=np.uint8)
        save(name, make(pixels if frames > 1 else pixels[0], number=number, **attributes))
    folder.mkdir(parents=True, exist_ok=True)
    image("a.dcm", 1, 1, StudyInstanceUID="1.2.3")
    image("b.dcm", 2, 2, StudyInstanceUID="1.2.3", PatientID=" ")
    image("c.dcm", 3, 2)
    image("d.dcm", 4, 1)
    image("e.dcm", 5, 1, PatientID="SMITH", StudyInstanceUID="1.2.4")
    (folder / "labels.csv").write_text(
        "path,label\n" + "".join(f"{name}.dcm,{name > 'b'}\n" for name in "abcde"))


def write_named():
    """Files that the further arguments tell, each by its path, PatientID and StudyInstanceUID."""
    told = sys.argv[3:]
    for number, (name, patient, study) in enumerate(zip(told[::3], told[1::3], told[2::3])):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        save(name, make(random.integers(0, 256, (8, 8), dtype=np.uint8), number=number,
                        PatientID=patient, StudyInstanceUID=study))


def write_patients():
    """Class folders of twelve patients with two images of each class."""
    for number in range(48):
        patient, kind = number % 12, "ab"[number // 12 % 2]
        (folder / kind).mkdir(parents=True, exist_ok=True)
        bright = random.integers(0, 128, (32, 32, 3), dtype=np.uint8) + 100 * (kind == "b")
        save(f"{kind}/{number}.dcm", make(bright.astype(np.uint8), number=number,
                                          PatientID=f"MUELLER^{patient}"))


def cut_jpegs(secret):
    """The first 60 % of the pixels' bytes, then an end of image, in each of the JPEGs."""
    noise = random.integers(0, 256, (64, 64), dtype=np.uint8)
    save("source8.dcm", make(noise, **secret))
    save("source12.dcm", make(noise.astype(np.uint16) * 16, BitsStored=12, **secret))
    for name, source, option in (("cut_baseline", "source8", "+eb"), ("cut_12", "source12", "+ee"),
                                 ("cut_lossless", "source12", "+e1")):
        path = folder / f"{name}.dcm"
        subprocess.run(["dcmcjpeg", option, folder / f"{source}.dcm", path], check=True)
        ds = dcmread(path)
        whole = next(generate_pixel_data_frame(ds.PixelData, 1))
        ds.PixelData = encapsulate([whole[:len(whole) * 6 // 10] + b"\xff\xd9"])
        ds.save_as(path)


def bad():
    pixels = random.integers(0, 256, (8, 8), dtype=np.uint8)
    secret = {"PatientID": "MUELLER^1965"}
    save("anonymous.dcm", make(pixels, number=9))
    none = make(pixels, **secret)
    del none.PixelData
    save("none.dcm", none)
    floating = make(pixels, **secret)
    del floating.PixelData
    floating.FloatPixelData = pixels.astype("<f4").tobytes()
    save("float.dcm", floating)
    save("short.dcm", make(pixels, Rows=9, **secret))
    save("bomb.dcm", make(pixels, Rows=65535, Columns=65535, **secret))
    save("empty.dcm", make(pixels, Rows=0, **secret))
    save("frames.dcm", make(pixels, NumberOfFrames=2000000000, **secret))
    save("wide.dcm", make(pixels.astype(np.uint16), BitsAllocated=32, BitsStored=32, **secret))
    jpeg2000 = make(pixels, syntax=JPEG2000Lossless, **secret)
    jpeg2000.PixelData = encapsulate([b"\xff\x4f\xff\x51"])
    jpeg2000["PixelData"].is_undefined_length = True
    save("jpeg2000.dcm", jpeg2000)
    segments = make(pixels, **secret)
    segments.compress(RLELossless)
    segments.PixelData = segments.PixelData.replace(b"\x40\0\0\0", b"\x50\x06\0\xf0", 1)
    save("segments.dcm", segments)
    runs = make(pixels, **secret)
    runs.compress(RLELossless)
    middle = runs.PixelData.index(b"\x40\0\0\0") + 64 + 18  # after two rows: nothing but pauses
    runs.PixelData = (runs.PixelData[:middle] + b"\x80" * (len(runs.PixelData) - 8 - middle) +
                      runs.PixelData[-8:])
    save("cut_runs.dcm", runs)
    claim = bytearray(jpeg(pixels))
    at = claim.index(b"\xff\xc0")
    claim[at + 5:at + 9] = b"\xff\xdc\xff\xdc"
    save("jpeg_bomb.dcm", with_jpeg(pixels, [bytes(claim)], **secret))
    marked = jpeg(pixels)
    save("marker.dcm", with_jpeg(pixels, [marked[:2] + b"\xff\x01" + marked[2:]], **secret))
    colour = np.repeat(pixels[..., None], 3, -1)
    for name, described, held in (
            ("smaller", pixels, pixels[:4]), ("larger", pixels[:4], pixels),
            ("grey_in_colour", colour, pixels), ("colour_in_grey", pixels, colour),
            ("bytes_in_words", pixels.astype(np.uint16), pixels)):
        save(f"{name}.dcm", with_jpeg(described, [jpeg(held)], **secret))
    save("frames_missing.dcm", with_jpeg(np.stack([pixels] * 3), [jpeg(pixels)] * 2, **secret))
    save("no_slope.dcm", make(pixels, RescaleSlope=0, RescaleIntercept=5, **secret))
    cut_jpegs(secret)
    whole = save("whole.dcm", make(pixels, **secret)).read_bytes()
    at = whole.rindex(b"\xe0\x7f\x10\x00")
    nest = b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    (folder / "nested.dcm").write_bytes(whole[:at] + nest * 50000 + whole[at:])
    implicit = save("implicit.dcm", make(pixels, ImplicitVRLittleEndian, **secret)).read_bytes()
    at = implicit.rindex(b"\xe0\x7f\x10\x00")
    inner = b""
    for _ in range(3000):
        item = b"\xfe\xff\x00\xe0" + len(inner).to_bytes(4, "little") + inner
        inner = b"\x40\x00\x75\x02" + len(item).to_bytes(4, "little") + item
    (folder / "nested_implicit.dcm").write_bytes(implicit[:at] + inner + implicit[at:])


{"cases": cases, "set": write_set, "nameless": write_nameless, "named": write_named,
 "patients": write_patients, "bad": bad}[kind]()
