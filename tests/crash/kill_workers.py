#!/usr/bin/python3
"""Lets three workers run one study, kills them at random moments, and compares.

kill_workers.py FATHOM [--kills N] [--seed S]

A study is planned (`fathom plan --save`) and run by three `fathom run` at once; now and then one of
them is a `fathom study`, which leads, or a `fathom study --join`. One is stopped after a random
time, by SIGKILL mostly, else by SIGTERM, and another takes its place, until every unit is finished;
then the next study begins, until there were N stops. Of one more study a worker is stopped by
SIGSTOP in the midst of a unit, until another one takes it for dead and the unit over, and continued:
it must drop the unit. No unit that was recorded as finished may be gone; at the end each must stand
in one journal alone, and the files of all units and results.json (without times) must be, byte by
byte, those of a study that one process ran undisturbed. Prints how many stops there were; the exit
code is 1 when anything was wrong.
"""
import argparse
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import kill_study
from kill_study import DEPTHS, Wrong

WORKERS = 3
SILENCE = 2  # seconds after which the hung worker is taken for dead
SECONDS = 60  # for anything to happen; what takes longer hangs


class Harness(kill_study.Harness):
    def plan(self):
        self.call("plan", *self.study()[2:], "--save")

    def fresh(self):
        super().fresh()
        self.plan()

    def run_undisturbed(self):
        self.fresh()
        began = time.monotonic()
        self.call(*self.study()[1:])
        self.seconds = time.monotonic() - began
        self.expected[self.choice()] = self.outcome()

    def finished_units(self):
        """Of all journals; torn last lines do not count."""
        units = []
        for journal in self.out.glob("journal*.jsonl"):
            lines = journal.read_text().split("\n")[:-1]
            records = [json.loads(line)["record"] for line in lines]
            units += [json.dumps(record["key"]) for record in records
                      if record["event"] == "unit" and record["finished"]]
        return sorted(units)

    def start_any(self, leader_runs):
        """One of the three commands that run units; one leads at most."""
        ways = ["run"] * 4 + ["join"] + ([] if leader_runs else ["lead"])
        way = self.random.choice(ways)
        return self.start(way, {"run": self.command("run", self.out), "lead": self.study(),
                                "join": [*self.study(), "--join"]}[way])

    def start(self, way, command):
        log = open(self.work / f"log-{time.monotonic_ns()}", "w+", encoding="utf-8")
        process = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL,
                                   stderr=log)
        process.way, process.log = way, log
        return process

    def check_end(self, process):
        # Before the command sets its handlers SIGTERM ends it as any program.
        process.log.seek(0)
        said = process.log.read()
        if process.returncode not in (0, -signal.SIGKILL, 130, -signal.SIGTERM):
            raise Wrong(f"'{process.way}' ended with {process.returncode}:\n{said}")
        process.log.close()
        return said

    def stop_one(self, workers):
        process = self.random.choice(workers)
        chosen = self.random.choice([signal.SIGKILL] * 3 + [signal.SIGTERM])
        if process.poll() is not None:
            return
        process.send_signal(chosen)
        self.stops[f"{chosen.name} of '{process.way}'"] += 1
        if chosen == signal.SIGTERM and self.random.random() < 0.5:
            began = time.monotonic()
            process.wait()
            self.note_stop(time.monotonic() - began)

    def check_units(self, before):
        now = self.finished_units()
        if not set(before) <= set(now):
            raise Wrong("a finished unit is gone from the journals")
        return now

    def run_study(self):
        """One study from its plan to its end, by three workers at a time."""
        self.fresh()
        workers, done = [], []
        try:
            while len(done) < self.units:
                for process in [one for one in workers if one.poll() is not None]:
                    self.check_end(process)
                    workers.remove(process)
                while len(workers) < WORKERS:
                    workers.append(self.start_any(any(one.way == "lead" for one in workers)))
                time.sleep(self.random.uniform(0, 0.5 * self.seconds))
                if self.random.random() < 0.7:
                    self.stop_one(workers)
                done = self.check_units(done)
        finally:
            for process in workers:
                if sys.exc_info()[0]:
                    process.kill()
                process.wait()
        for process in workers:
            self.check_end(process)
        self.call("run", self.out)  # cleans up after those that were killed last
        self.call("report", self.out)
        self.check_finished()

    def at_units(self):
        """The notes of living workers that are at units."""
        status = json.loads(self.call("status", self.out, "--json"))
        return [note for note in status["workers"] if note["life"] == "alive" and note["units"]]

    def freeze(self, is_wanted):
        """The note of a worker that is at a unit and stopped by SIGSTOP; None if there is none."""
        for note in filter(is_wanted, self.at_units()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(note["process"], signal.SIGSTOP)
                still = [other for other in self.at_units() if other["id"] == note["id"]]
                if still and is_wanted(still[0]):
                    return still[0]
                os.kill(note["process"], signal.SIGCONT)
        return None

    def claimant(self, job):
        """The worker that made the last claim of a job; None when there is none."""
        claims = sorted(self.out.glob(f"claims/{job}.*"), key=lambda path: int(path.suffix[1:]))
        return json.loads(claims[-1].read_text())["worker"] if claims else None


class HangHarness(Harness):
    """A study of longer units, so that one is found in its midst."""
    seeds, epochs = 1, 200
    unit = len(DEPTHS) - 1  # the last of the first seed

    def start_unit(self):
        return self.start("run", self.command("run", self.out, "--unit", self.unit, "--silence",
                                              SILENCE))

    def run_study(self):
        self.fresh()
        hung, other = self.start_unit(), None
        try:
            wait_for("a unit in training", lambda: self.freeze(
                lambda note: self.claimant(note["doing"]) == note["id"]))
            other = self.start_unit()  # waits until the hung one is dead, and has its unit then
            other.wait(SECONDS)
            hung.send_signal(signal.SIGCONT)
            hung.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise Wrong(f"{error}: the unit of a hung worker is not taken over") from error
        finally:
            for process in filter(None, [hung, other]):
                process.kill()
        said = [self.check_end(process) for process in (hung, other)]
        if "another worker has taken this over" not in said[0]:
            raise Wrong(f"a worker that hung did not see that its unit was taken over:\n{said[0]}")
        self.stops["SIGSTOP and SIGCONT of 'run'"] += 1
        self.call("run", self.out)
        self.call("report", self.out)
        self.check_finished()


def wait_for(what, condition, seconds=SECONDS):
    """The first true value of `condition()`. Raises Wrong when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise Wrong(f"{what}: not within {seconds} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fathom", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        study = [arguments.fathom.resolve(), arguments.seed, pathlib.Path(folder)]
        harness, hanging = Harness(*study), HangHarness(*study)
        studies = 0
        try:
            harness.prepare()
            harness.run_undisturbed()
            hanging.run_study()
            while harness.stops.total() < arguments.kills:
                harness.run_study()
                studies += 1
                print(f"{harness.stops.total()} stops, {studies} studies", file=sys.stderr)
        except KeyboardInterrupt:
            print("stopped by hand; so far:")
        except Wrong as wrong:
            print(f"seed {arguments.seed}, study {studies + 1}, after {dict(harness.stops)}: {wrong}")
            return 1
        for name, count in sorted((harness.stops + hanging.stops).items()):
            print(f"{count:5}  {name}")
        print(f"{harness.stops.total()} stops in {studies} studies of {WORKERS} workers, and one that "
              "hung: none lost a unit or ran one twice, all came to the results of one process.\n"
              f"From SIGTERM to the end: {harness.slowest_stop:.1f} s at most.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
