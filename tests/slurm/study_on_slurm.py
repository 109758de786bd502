#!/usr/bin/python3
"""Submits a tiny study to a real Slurm, disturbs its jobs, and compares with a run by one process.

study_on_slurm.py FATHOM

Slurm runs on this machine alone, with two emulated nodes (cluster.py). On the way one task's fathom
is killed, one task is warned as before its time limit, and one node loses its power and comes back.
Then the jobs must have ended as each of that demands, every unit must stand in the journals once,
and the files of all units and results.json (without times) must be, byte by byte, those of the same
study run by one process alone. The exit code is 1 when anything was wrong, 77 when Slurm is not
installed.
"""
import argparse
import os
import pathlib
import re
import signal
import sys
import tempfile
import time

import cluster

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "crash"))
import kill_workers  # noqa: E402
from kill_study import UNITS, Wrong  # noqa: E402

NOT_INSTALLED = 77
EPOCHS = 40  # so that every task is in the midst of something when it is disturbed
TASKS = 4
SECONDS = 120  # for anything to happen; what takes longer hangs
ENDED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"}


class Harness(kill_workers.Harness):
    def __init__(self, fathom, work):
        super().__init__(fathom, 0, work)
        self.out = work / "a study's folder"  # a shell would take it for other words

    def study(self):
        command = super().study()
        command[command.index("--epochs") + 1] = str(EPOCHS)
        return command

    def check(self):
        units = self.finished_units()
        if len(units) != UNITS or len(set(units)) != UNITS:
            raise Wrong(f"{len(units)} records of finished units, {len(set(units))} units")
        self.check_nothing_is_left()
        self.compare()


class Jobs:
    """A submitted study in a Slurm."""

    def __init__(self, harness, slurm):
        self.harness, self.slurm = harness, slurm
        slurm.environment["FATHOM_CACHE"] = harness.environment["FATHOM_CACHE"]
        said = slurm.call(*harness.command("submit", harness.out, "--slurm", "--array-size", TASKS,
                                         "--cpus", 1, "--memory", 1, "--time", "00:30:00"))
        numbers = re.search(r"prefix (\d+), units (\d+), report (\d+)", said)
        if not numbers:
            raise Wrong(f"fathom submit does not tell its jobs:\n{said}")
        self.prefix, self.units, self.report = numbers.groups()
        self.tasks = [f"{self.units}_{i}" for i in range(TASKS)]

    def disturb(self):
        """Returns the task that was killed, and those that Slurm then has to start again."""
        killed, process = self.wait_for_training("node1")
        os.kill(process, signal.SIGKILL)
        self.slurm.wait_for("the end of a killed task",
                            lambda: self.slurm.states()[killed] == "FAILED", SECONDS)
        warned, _ = self.wait_for_training("node2")
        self.slurm.call("scancel", "--signal=USR1", "--batch", warned)
        lost, _ = self.wait_for_training("node1")
        self.slurm.lose_node("node1")
        self.slurm.start_node("node1")
        return killed, {warned, lost}

    def wait_for_training(self, node):
        """(task, process of fathom) on a node, once it is at a unit."""
        def training():
            tasks = [task for task in self.slurm.running(node) if task in self.tasks]
            processes = self.slurm.processes(node, self.harness.fathom)
            trains = any(self.harness.out.glob("units/*/checkpoint.safetensors"))
            return (tasks[0], processes[0]) if tasks and processes and trains else None
        return self.slurm.wait_for(f"a unit in training on {node}", training, SECONDS)

    def wait_for_end(self):
        self.slurm.wait_for("the report", lambda: self.slurm.states()[self.report] in ENDED,
                            SECONDS)

    def check(self, killed, started_again):
        """Raises Wrong when a job ended otherwise than it should have."""
        expected = dict.fromkeys([self.prefix, *self.tasks, self.report], "COMPLETED")
        expected[killed] = "FAILED"
        found = self.slurm.states()
        again = {task for task in self.tasks if self.slurm.restarts(task) > 0}
        if found != expected or again != started_again:
            logs = "\n".join(f"--- {path.name}\n{path.read_text()}"
                             for path in sorted(self.harness.out.glob("slurm/*.log")))
            raise Wrong(
                f"the jobs ended as {found}, not as {expected}; started again were {again}, not "
                f"{started_again}\n{logs}")


def run(fathom, work):
    harness = Harness(fathom, work)
    harness.prepare()
    harness.plan()
    with cluster.Cluster(work / "slurm") as slurm:
        jobs = Jobs(harness, slurm)
        disturbed = jobs.disturb()
        jobs.wait_for_end()
        jobs.check(*disturbed)
    harness.check()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fathom", type=pathlib.Path)
    arguments = parser.parse_args()
    missing = cluster.missing_programs()
    if missing:
        print(f"Slurm is not installed here: {', '.join(missing)}; see tools/setup")
        return NOT_INSTALLED
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            run(arguments.fathom.resolve(), pathlib.Path(folder))
        except (Wrong, cluster.Failed) as wrong:
            print(wrong)
            return 1
    print(f"a killed task, a warned one and a lost node changed nothing: {UNITS} units "
          f"in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
