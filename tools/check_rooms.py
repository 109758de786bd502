#!/usr/bin/env python3
"""Checks the map of the project: what each room may include, how long files are, what they are
called. Prints one line a violation and exits with 1; `check_rooms.py ROOT` checks another tree."""

import pathlib
import re
import sys

# A room includes itself and rooms before it.
ROOMS = ["base", "containers", "stats", "image", "weights", "data", "results", "zoo", "train",
         "study", "report", "deploy"]
# The report is drawn from the journal alone, so it knows less than its place allows.
REPORT_INCLUDES = {"base", "stats", "results", "report"}
WITHOUT_LIBTORCH = {"base", "containers", "stats", "image", "weights", "data", "results", "report"}
LIBTORCH = re.compile(r"(torch|ATen|c10|caffe2)/")
BASE_FILES = {"atomic_file", "base64", "bytes", "clock", "csv", "download", "error", "file_lock",
              "hash", "http_transfer", "json", "log", "memory", "options", "parallel", "process", "random"}

FOLDERS = ["fathom", "cli", "tests", "bench", "tools", "web/src"]
SUFFIXES = {".h", ".cpp", ".py", ".ts", ".css", ""}
MAX_LINES = 400
MAX_TEST_LINES = 600  # tests, and style sheets: both are lists
VAGUE_NAME = re.compile(r"(^|_|-)(utils?|helpers?|common|misc)($|_|-)", re.IGNORECASE)
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def source_files(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and path.suffix in SUFFIXES and "node_modules" not in inside.parts:
                yield inside


def room_of(path):
    """The room of a source file, or None outside fathom/."""
    return path.parts[1] if path.parts[0] == "fathom" and len(path.parts) > 2 else None


def may_include(room, other):
    if room == "report":
        return other in REPORT_INCLUDES
    return ROOMS.index(other) <= ROOMS.index(room)


def include_problem(room, included):
    """Why a file of `room` may not include `included`, or None."""
    parts = included.split("/")
    if parts[0] in ("cli", "tests"):
        return f"the library must not include {parts[0]}/"
    if room in WITHOUT_LIBTORCH and LIBTORCH.match(included):
        return f"{room} is a room without LibTorch"
    if parts[0] != "fathom":
        return None
    if parts[1] not in ROOMS:
        return f"there is no room '{parts[1]}'"
    if not may_include(room, parts[1]):
        return f"{room} must not include {parts[1]}"
    return None


def check_includes(path, lines):
    room = room_of(path)
    if room is None:
        return
    if room not in ROOMS:
        yield f"{path}: there is no room '{room}'; rooms: {' '.join(ROOMS)}"
        return
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        problem = found and include_problem(room, found.group(1))
        if problem:
            yield f"{path}:{number}: includes {found.group(1)}: {problem}"


def check_names(path):
    for name in (*path.parts[:-1], path.stem):
        if VAGUE_NAME.search(name):
            yield f"{path}: '{name}' does not say what is in it"
    if room_of(path) == "base" and path.stem not in BASE_FILES:
        yield f"{path}: base/ is a closed list: {' '.join(sorted(BASE_FILES))}"


def check_length(path, lines):
    is_list = path.parts[0] == "tests" or path.suffix == ".css"
    limit = MAX_TEST_LINES if is_list else MAX_LINES
    if len(lines) > limit:
        yield f"{path}: {len(lines)} lines; at most {limit}: split it by what it does"


def violations(root):
    for path in source_files(root):
        lines = (root / path).read_text(encoding="utf-8").splitlines()
        yield from check_includes(path, lines)
        yield from check_names(path)
        yield from check_length(path, lines)


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here
    found = list(violations(root))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
