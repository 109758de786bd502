#!/usr/bin/python3
"""Lets three workers run one study, kills them at random moments, and compares.

kill_workers.py FATHOM [--kills N] [--seed S]

A study is planned (`fathom plan --save`) and run by three `fathom run` at once; now and then one of
them is a `fathom study`, which leads, or a `fathom study --join`. One is stopped after a random
time, by SIGKILL mostly, else by SIGTERM, and another takes its place, until every unit is finished;
then the next study begins, until there were N stops. No unit that was recorded as finished may be
gone; at the end each must stand in one journal alone, and the files of all units and results.json
(without times) must be, byte by byte, those of a study that one process ran undisturbed. Prints how
many stops there were; the exit code is 1 when anything was wrong.
"""
import argparse
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import kill_study
from kill_study import UNITS, Wrong

WORKERS = 3


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

    def start(self, leader_runs):
        """One of the three commands that run units; one leads at most."""
        ways = ["run"] * 4 + ["join"] + ([] if leader_runs else ["lead"])
        way = self.random.choice(ways)
        command = {"run": self.command("run", self.out), "lead": self.study(),
                   "join": [*self.study(), "--join"]}[way]
        log = open(self.work / f"log-{time.monotonic_ns()}", "w+", encoding="utf-8")
        process = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL,
                                   stderr=log)
        process.way, process.log = way, log
        return process

    def check_end(self, process):
        # Before the command sets its handlers SIGTERM ends it as any program.
        if process.returncode not in (0, -signal.SIGKILL, 130, -signal.SIGTERM):
            process.log.seek(0)
            raise Wrong(f"'{process.way}' ended with {process.returncode}:\n{process.log.read()}")
        process.log.close()

    def stop_one(self, workers):
        process = self.random.choice(workers)
        chosen = self.random.choice([signal.SIGKILL] * 3 + [signal.SIGTERM])
        if process.poll() is not None:
            return
        process.send_signal(chosen)
        self.stops[f"{chosen.name} of '{process.way}'"] += 1
        if chosen == signal.SIGTERM and self.random.random() < 0.5:
            process.wait()

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
            while len(done) < UNITS:
                for process in [one for one in workers if one.poll() is not None]:
                    self.check_end(process)
                    workers.remove(process)
                while len(workers) < WORKERS:
                    workers.append(self.start(any(one.way == "lead" for one in workers)))
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
        if len(done) != UNITS or len(set(done)) != UNITS:
            raise Wrong(f"{len(done)} records of finished units, {len(set(done))} units")
        self.check_nothing_is_left()
        self.compare()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fathom", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        harness = Harness(arguments.fathom.resolve(), arguments.seed, pathlib.Path(folder))
        studies = 0
        try:
            harness.prepare()
            harness.run_undisturbed()
            while harness.stops.total() < arguments.kills:
                harness.run_study()
                studies += 1
                print(f"{harness.stops.total()} stops, {studies} studies", file=sys.stderr)
        except KeyboardInterrupt:
            print("stopped by hand; so far:")
        except Wrong as wrong:
            print(f"seed {arguments.seed}, study {studies + 1}, after {dict(harness.stops)}: {wrong}")
            return 1
        for name, count in sorted(harness.stops.items()):
            print(f"{count:5}  {name}")
        print(f"{harness.stops.total()} stops in {studies} studies of {WORKERS} workers: none lost a "
              "unit or ran one twice, all came to the results of one process.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
