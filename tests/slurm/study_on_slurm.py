#!/usr/bin/python3
"""Submits a tiny study to a real Slurm, disturbs its jobs, and compares with a run by one process.

study_on_slurm.py FATHOM

Slurm runs on this machine alone, with two emulated nodes (cluster.py). The study's jobs are
cancelled and submitted again; then the job of the prefixes is put back into the queue, one task's
fathom is killed, one node loses its power and comes back, and one task is warned as before its time
limit. Whom that befalls is stopped by SIGSTOP before, in the midst of a unit: so nothing depends on
who is faster. Then the jobs must have ended as each of that demands, every unit must stand in the
journals once, and the files of all units and results.json (without times) must be, byte by byte,
those of the same study run by one process alone. The exit code is 1 when anything was wrong, 77 when
Slurm is not installed or does not run here.
"""
import argparse
import contextlib
import json
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
from kill_study import Wrong  # noqa: E402

NO_SLURM = 77
TASKS = 4
SECONDS = 300  # for anything to happen; what takes longer hangs
ENDED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"}


class Harness(kill_workers.Harness):
    seeds, epochs = 5, 100  # so that there is always one more unit, and one can be found in its midst

    def __init__(self, fathom, work):
        super().__init__(fathom, 0, work)
        self.out = work / "a study's folder"  # a shell would take it for other words


class Jobs:
    """A submitted study in a Slurm, by what the submission said."""

    def __init__(self, harness, slurm, said):
        self.harness, self.slurm = harness, slurm
        numbers = re.search(r"prefix (\d+), units (\d+), report (\d+)", said)
        if not numbers:
            raise Wrong(f"the submission does not tell its jobs:\n{said}")
        self.prefix, self.units, self.report = numbers.groups()
        self.tasks = [f"{self.units}_{i}" for i in range(TASKS)]

    def states(self):
        ours = {self.prefix, *self.tasks, self.report}
        return {job: state for job, state in self.slurm.states().items() if job in ours}

    def wait_for(self, what, condition):
        return self.slurm.wait_for(what, condition, SECONDS)

    def freeze(self, node):
        """The note of fathom on a node, stopped in the midst of a unit; task_of() tells its task."""
        def is_there(note):
            return task_of(note) in self.tasks and task_of(note) in self.slurm.running(node)
        return self.wait_for(f"a unit in training on {node}", lambda: self.harness.freeze(is_there))

    def ask_to_stop(self, note, *scancel):
        """Thaws a frozen fathom when it has got SIGTERM by `scancel`, which may thaw it, too."""
        self.slurm.call("scancel", *scancel)
        self.wait_for("SIGTERM for fathom", lambda: has_pending(note["process"], signal.SIGTERM))
        with contextlib.suppress(ProcessLookupError):
            os.kill(note["process"], signal.SIGCONT)

    def wait_for_restart(self, note):
        self.wait_for("a task that is queued again", lambda: self.slurm.restarts(task_of(note)) > 0)

    def cancel(self):
        """All jobs, while a unit is trained."""
        note = self.freeze("node1")
        self.ask_to_stop(note, self.prefix, self.units, self.report)
        self.wait_for("the end of cancelled jobs",
                      lambda: set(self.slurm.states().values()) <= ENDED)
        found = self.states()
        if set(found.values()) - {"COMPLETED"} != {"CANCELLED"}:
            raise Wrong(f"cancelled jobs ended as {found}")
        last = json.loads((self.harness.out / f"workers/{note['id']}.json").read_text())
        if not last["ended"]:
            raise Wrong("a cancelled task did not end by itself, with a checkpoint")

    def disturb(self):
        """Returns the task that was killed, and the jobs that Slurm then has to start again."""
        self.wait_for("the prefix in the queue again", lambda: self.slurm.requeue(self.prefix))
        # As long as both nodes stand still, nothing comes to its end.
        killed, warned = self.freeze("node1"), self.freeze("node2")
        os.kill(killed["process"], signal.SIGKILL)
        self.wait_for("the end of a killed task",
                      lambda: self.states()[task_of(killed)] == "FAILED")
        lost = self.freeze("node1")
        self.slurm.lose_node("node1")
        self.wait_for_restart(lost)
        self.ask_to_stop(warned, "--signal=USR1", "--batch", task_of(warned))
        self.wait_for_restart(warned)
        self.slurm.start_node("node1")
        return task_of(killed), {self.prefix, task_of(warned), task_of(lost)}

    def check(self, killed, started_again):
        """Waits for the end, and raises Wrong when a job ended otherwise than it should have."""
        self.wait_for("the report", lambda: self.states()[self.report] in ENDED)
        expected = dict.fromkeys([self.prefix, *self.tasks, self.report], "COMPLETED")
        expected[killed] = "FAILED"
        found = self.states()
        # On a very slow machine Slurm may take further nodes for lost.
        again = {job for job in expected if self.slurm.restarts(job) > 0}
        if found != expected or not started_again <= again:
            raise Wrong(f"the jobs ended as {found}, not as {expected}; started again were {again}, "
                        f"not {started_again}")


def task_of(note):
    """The array task of a worker, "12_3"."""
    return note["task"].removeprefix("Slurm ")


def has_pending(process, wanted):
    """Whether a stopped process has got a signal; true when it has ended."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return True
    return bool(int(re.search(r"ShdPnd:\s*(\w+)", status).group(1), 16) >> (wanted - 1) & 1)


def run(harness, slurm):
    slurm.environment["FATHOM_CACHE"] = harness.environment["FATHOM_CACHE"]
    said = slurm.call(*harness.command("submit", harness.out, "--slurm", "--array-size", TASKS,
                                       "--cpus", 1, "--memory", 1, "--time", "00:30:00"))
    Jobs(harness, slurm, said).cancel()
    jobs = Jobs(harness, slurm, slurm.call("sh", harness.out / "slurm/submit.sh"))
    jobs.check(*jobs.disturb())
    harness.check_finished()


def logs_of_jobs(harness):
    return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')}"
                     for path in sorted(harness.out.glob("slurm/*.log")))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fathom", type=pathlib.Path)
    arguments = parser.parse_args()
    missing = cluster.missing_programs()
    if missing:
        print(f"Slurm is not installed here: {', '.join(missing)}; see tools/setup")
        return NO_SLURM
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        harness = Harness(arguments.fathom.resolve(), work)
        try:
            harness.prepare()
            harness.plan()
            with cluster.Cluster(work / "slurm") as slurm:
                run(harness, slurm)
        except cluster.CannotStart as reason:
            print(reason)
            return NO_SLURM
        except (Wrong, cluster.Failed) as wrong:
            print(wrong, logs_of_jobs(harness), sep="\n")
            return 1
    print(f"cancelled jobs, a requeued one, a killed task, a warned one and a lost node changed "
          f"nothing: {harness.units} units in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
