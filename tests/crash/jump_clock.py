#!/usr/bin/python3
"""Runs a study whose machine's clock jumps for and back all the time, and compares.

jump_clock.py FATHOM

The study is planned, run by two workers at once, and reported, under a clock (faketime) that is set
anew many times a second, by hours and years. No worker may be taken for dead; each unit must stand
in one journal alone, and the files of all units and results.json (without times) must be, byte by
byte, those of a study whose clock was left alone. The exit code is 1 when anything was wrong, 77
when faketime is not installed. Not for clocks that run on: those, of one machine, do not jump.
"""
import argparse
import contextlib
import glob
import itertools
import os
import pathlib
import re
import sys
import tempfile
import threading

import kill_workers
from kill_study import Wrong

NOT_INSTALLED = 77
LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
JUMPS = ["+0", "-3h", "+1y", "-2y", "-40d"]


class Harness(kill_workers.Harness):
    def run_study(self, library):
        clock, honest = self.work / "clock", self.environment
        self.environment = dict(honest, LD_PRELOAD=library, FAKETIME_TIMESTAMP_FILE=str(clock),
                                FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1",
                                NO_FAKE_STAT="1")
        with jumping(clock):
            self.fresh()
            workers = [self.start("run", self.command("run", self.out)) for _ in range(2)]
            for process in workers:
                process.wait()
            self.call("report", self.out)
        self.environment = honest
        for said in map(self.check_end, workers):
            if "taken this over" in said:
                raise Wrong(f"a living worker was taken for dead:\n{said}")
        self.check_jumps()
        self.check_finished()

    def check_jumps(self):
        """Else nothing was tested."""
        text = "".join(path.read_text() for path in self.out.glob("journal*.jsonl"))
        years = set(re.findall(r'"finished_at":"(\d+)-', text))
        if len(years) < 2:
            raise Wrong(f"the clock did not jump: all units were finished in {years}")


@contextlib.contextmanager
def jumping(clock):
    """Sets a clock anew as long as the context lasts."""
    def jump():
        for offset in itertools.cycle(JUMPS):
            new = clock.with_suffix(".new")
            new.write_text(offset + "\n")
            os.replace(new, clock)
            if stop.wait(0.03):
                return
    stop = threading.Event()
    thread = threading.Thread(target=jump)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fathom", type=pathlib.Path)
    arguments = parser.parse_args()
    libraries = glob.glob(LIBRARY)
    if not libraries:
        print("faketime is not installed here; see tools/setup")
        return NOT_INSTALLED
    with tempfile.TemporaryDirectory() as folder:
        harness = Harness(arguments.fathom.resolve(), 1, pathlib.Path(folder))
        try:
            harness.prepare()
            harness.run_study(libraries[0])
        except Wrong as wrong:
            print(wrong)
            return 1
    print("a clock that jumps changed nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
