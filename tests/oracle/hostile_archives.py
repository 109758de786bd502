"""hostile_archives.py FOLDER: archives that no data set should be unpacked from, and good ones.

Prints a line for each zip archive that must be refused: its name, a tab, words of the reason.
"""

import gzip
import pathlib
import struct
import sys
import warnings
import zipfile

warnings.simplefilter("ignore")  # duplicate names are meant
FOLDER = pathlib.Path(sys.argv[1])
IMAGE = bytes(range(256)) * 40


def write(name, members, reason=None, method=zipfile.ZIP_DEFLATED):
    """Members: pairs of a name or ZipInfo and the content."""
    path = FOLDER / f"{name}.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for member, content in members:
            archive.writestr(member, content)
    if reason:
        print(f"{name}\t{reason}")
    return path


def unix(name, mode):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def patch(path, old, new, count=-1):
    content = path.read_bytes()
    assert old in content, path
    path.write_bytes(content.replace(old, new, count))


GOOD = [("SET/a/1.bin", IMAGE), ("SET/b/", b""), ("SET/b/2.bin", b"")]
write("good", [*GOOD, ("__MACOSX/SET/a/._1.bin", b"left out"), (unix("SET/c", 0o100644), b"3")])
write("outside", [*GOOD, ("SET/../../outside", b"x")], "leads elsewhere")
write("dot", [*GOOD, ("SET/./x", b"x")], "leads elsewhere")
write("absolute", [*GOOD, ("/tmp/fathom-outside", b"x")], "no relative path")
write("backslash", [*GOOD, ("SET/..\\x", b"x")], "backslash")
write("control", [*GOOD, ("SET/\x1b[2J", b"x")], "control characters")
write("link", [*GOOD, (unix("SET/link", 0o120777), b"/etc")], "a link or special file")
write("through_link", [(unix("SET/a", 0o120777), b"/tmp"), ("SET/a/x", b"x")], "a link or special")
write("device", [*GOOD, (unix("SET/device", 0o020666), b"")], "a link or special file")
write("twice", [*GOOD, GOOD[0]], "stands twice")
write("file_as_folder", [("SET/a", b"x"), ("SET/a/b", b"x")], "Not a directory")
write("folder_as_file", [("SET/a/b", b"x"), ("SET/a", b"x")], "cannot write")
write("other", [("ELSE/a/1.bin", IMAGE)], "no files in a folder 'SET'")
write("bomb", [*GOOD, ("SET/zeros", bytes(100 << 20))], "would unpack to more than")
write("many_bombs", [(f"SET/{i}", bytes(10 << 20)) for i in range(10)],
      "would unpack to more than")

damaged = write("damaged", GOOD, "CRC error", zipfile.ZIP_STORED)
patch(damaged, IMAGE[:100], bytes(100), 1)
# The sizes of the first member stand as little-endian words: claim one byte less, then one more.
size = struct.pack("<I", len(IMAGE))
for name, claimed, reason in [("larger", len(IMAGE) - 1, ""), ("smaller", len(IMAGE) + 1, "")]:
    lying = write(name, GOOD, "member 'SET/a/1.bin'")
    patch(lying, size, struct.pack("<I", claimed))
locked = write("encrypted", GOOD, "assword")
patch(locked, b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
cut = write("cut", GOOD, "not a zip archive")
cut.write_bytes(cut.read_bytes()[:-30])
(FOLDER / "empty.zip").write_bytes(b"")
print("empty\tnot a zip archive")
(FOLDER / "page.zip").write_bytes(b"<html>please log in</html>")
print("page\tnot a zip archive")

packed = gzip.compress(IMAGE)
(FOLDER / "good.bin.gz").write_bytes(packed)
(FOLDER / "good.bin").write_bytes(IMAGE)
(FOLDER / "cut.bin.gz").write_bytes(packed[:-12])
(FOLDER / "damaged.bin.gz").write_bytes(packed[:-8] + bytes(8))
(FOLDER / "plain.bin.gz").write_bytes(IMAGE)
(FOLDER / "bomb.bin.gz").write_bytes(gzip.compress(bytes(100 << 20)))
