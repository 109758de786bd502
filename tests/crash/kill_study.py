#!/usr/bin/python3
"""Stops `fathom study` at random moments until it has finished, study after study, and compares.

kill_study.py FATHOM [--kills N] [--seed S]

Every study is stopped again and again, each time in one of three ways: SIGKILL after a random time,
SIGKILL on entering a random call that writes (by strace: what is on the disk changes only there), or
SIGINT or SIGTERM after a random time. The same command is then given again. After every stop no unit
that was recorded as finished may be gone; at the end each must stand in the journal once, the files
of all units and results.json (without times) must be, byte by byte, those of a study that nobody
stopped, and nothing unfinished may lie about. Prints how many stops fell into which phase; the exit
code is 1 when anything was wrong. The study is as small as can be, the weights are random.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CHOICE = "prefix-squeezenet1_1.json"
DEPTHS = ["head", "fire8", "fire9"]
STUDY = ["--arch", "squeezenet1_1", "--depths", ",".join(DEPTHS), "--batch-size", "16",
         "--learning-rates", "1e-3", "--precision", "fp32", "--corrupted-images", "4",
         "--cka-images", "4", "--probe-images", "16", "--checkpoint-seconds", "0.05"]
SLOWEST_STOP = 5  # seconds from SIGINT or SIGTERM to the end, beyond those of one batch
# Everything by which the disk changes.
WRITING_CALLS = "write,writev,pwrite64,ftruncate,fsync,rename,link,unlink,mkdir"
# What two runs of the same study may differ in: clocks, memory, and what is chosen by them.
TIMES = {"cost", "costs", "seconds", "train_seconds", "created_at", "finished_at",
         "peak_memory_bytes", "predicted_seconds", "prefixes", "estimates", "on_pareto_front"}
# Where a stopped process was, by the file that it was at.
PHASES = [("journal", r"/journal\.jsonl"), ("checkpoint", r"checkpoint\.safetensors"),
          ("files of a unit", r"/units/"), ("prefix", r"/prefix/"), ("plan", r"plan\.json"),
          ("claims", r"/(claims|workers)/"), ("report", r"/(\.?results\.|\.?report\.)")]


class Wrong(Exception):
    """The study did not keep what it promises."""


class Harness:
    seeds, epochs = 2, 3

    def __init__(self, fathom, seed, work):
        self.fathom = fathom
        self.random = random.Random(seed)
        self.work = work
        self.out = work / "study"
        self.stops = collections.Counter()
        self.slowest_stop = 0.0
        self.expected = {}  # by choice()
        self.environment = dict(os.environ, FATHOM_CACHE=str(work / "cache"), OMP_NUM_THREADS="1")

    @property
    def units(self):
        return len(DEPTHS) * self.seeds

    def command(self, *arguments):
        return [str(self.fathom), *map(str, arguments)]

    def call(self, *arguments):
        done = subprocess.run(self.command(*arguments), env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise Wrong(f"fathom {' '.join(map(str, arguments))}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def study(self):
        return self.command("study", "--data", self.work / "tissue/labels.csv", "--out", self.out,
                            "--seeds", self.seeds, "--epochs", self.epochs, *STUDY)

    def prepare(self):
        self.call("data", "synth", "--out", self.work / "tissue", "--count", 48, "--size", 32,
                  "--groups", 12)
        weights = self.work / "random.pth"
        script = ("import sys, torch, torchvision; torch.manual_seed(1); torch.save("
                  "torchvision.models.squeezenet1_1(weights=None).state_dict(), sys.argv[1])")
        subprocess.run(["/usr/bin/python3", "-c", script, str(weights)], check=True)
        self.call("weights", "import", weights, "--arch", "squeezenet1_1", "--name", "random",
                  "--preprocessing", "imagenet")

    def fresh(self):
        """No study, and no stored boundaries."""
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.rmtree(self.work / "cache/prefix", ignore_errors=True)

    def run_undisturbed(self):
        """How long a study takes that nobody stops, and which calls of it write."""
        self.fresh()
        began = time.monotonic()
        self.call(*self.study()[1:])
        self.seconds = time.monotonic() - began
        self.expected[self.choice()] = self.outcome()
        self.calls = []
        if shutil.which("strace"):
            trace = self.work / "trace"
            self.fresh()
            traced = subprocess.run(self.traced(trace), env=self.environment,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if traced.returncode == 0:  # else tracing is forbidden here
                self.calls = calls_of(trace.read_text())

    def choice(self):
        """Which boundaries the study stores, by costs that it measured: the last bits of its
        results may depend on it."""
        return (self.out / CHOICE).read_text()

    def compare(self):
        """The finished study with one that made the same choice and that nobody stopped."""
        found, choice = self.outcome(), self.choice()
        if choice not in self.expected:
            self.fresh()
            self.out.mkdir(exist_ok=True)
            (self.out / CHOICE).write_text(choice)
            self.call(*self.study()[1:])
            self.expected[choice] = self.outcome()
        if found != self.expected[choice]:
            raise Wrong(difference(found, self.expected[choice]))

    def traced(self, trace, *more):
        return ["strace", "-f", "-y", "-o", str(trace), "-e", "trace=" + WRITING_CALLS, *more,
                *self.study()]

    def outcome(self):
        """All that must not depend on stops: file name -> content."""
        files = {}
        for path in sorted(self.out.glob("units/*/*")):
            name = str(path.relative_to(self.out))
            files[name] = path.read_bytes()
            if path.name == "history.csv":  # its last column is the time
                files[name] = re.sub(rb",[^,]*\n", b"\n", files[name])
        results = json.loads((self.out / "results.json").read_text())
        files["results.json"] = json.dumps(without_times(results), indent=1)
        return files

    def finished_units(self):
        """As the journal has them; a torn last line does not count."""
        journal = self.out / "journal.jsonl"
        if not journal.exists():
            return []
        lines = journal.read_text().split("\n")[:-1]
        records = [json.loads(line)["record"] for line in lines]
        return [json.dumps(record["key"]) for record in records
                if record["event"] == "unit" and record["finished"]]

    def run_until_stopped(self):
        """Gives the command, stops it; returns whether it came to its end before."""
        way = self.random.choice(["time", "write", "signal"] if self.calls else ["time", "signal"])
        if way == "write":
            return self.kill_at_a_write()
        chosen = self.random.choice([signal.SIGINT, signal.SIGTERM])
        process = subprocess.Popen(self.study(), env=self.environment, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        try:
            errors = process.communicate(timeout=self.random.uniform(0, 0.8 * self.seconds))[1]
        except subprocess.TimeoutExpired:
            process.send_signal(chosen if way == "signal" else signal.SIGKILL)
            began = time.monotonic()
            errors = process.communicate()[1]
            if way == "signal":
                self.note_stop(time.monotonic() - began)
        allowed = [0, 130] if way == "signal" else [0, -signal.SIGKILL]
        # Before the command sets its handlers a signal ends it as any program.
        if process.returncode not in allowed and not (process.returncode == -chosen and not errors):
            raise Wrong(f"exit code {process.returncode} after {way}:\n{errors}")
        if process.returncode != 0:
            self.stops[f"{chosen.name if way == 'signal' else 'SIGKILL'}, {self.phase()}"] += 1
        return process.returncode == 0

    def note_stop(self, seconds):
        """How long a stop by SIGINT or SIGTERM took."""
        self.slowest_stop = max(self.slowest_stop, seconds)
        batch = self.seconds / (self.units * self.epochs)  # or less
        if seconds > SLOWEST_STOP + batch:
            raise Wrong(f"{seconds:.1f} s from SIGINT or SIGTERM to the end")

    def kill_at_a_write(self):
        # As many of the first ten calls as of the next ninety: a study that goes on makes fewer.
        call, number = self.calls[int(len(self.calls) ** self.random.random()) - 1]
        trace = self.work / "trace"
        code = subprocess.run(
            self.traced(trace, "-e", f"inject={call}:signal=KILL:when={number}"),
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        if code not in (0, -signal.SIGKILL):
            raise Wrong(f"exit code {code} when killed at {call} number {number}")
        if code != 0:
            last = [line for line in trace.read_text().split("\n") if "(" in line][-1]
            names = [name for name, path in PHASES if re.search(path, last)]
            self.stops[f"SIGKILL at a call, {(names or ['other'])[0]}"] += 1
        return code == 0

    def phase(self):
        """What comes next, by what is there."""
        if not (self.out / "plan.json").exists():
            return "planning"
        journal = self.out / "journal.jsonl"
        if not journal.exists() or '"event":"prefix"' not in journal.read_text():
            return "probe and prefix"
        return "training" if len(self.finished_units()) < self.units else "report"

    def run_study(self):
        """One study from its beginning to its end, with stops on the way."""
        self.fresh()
        before = []
        while not self.run_until_stopped():
            now = self.finished_units()
            if now[:len(before)] != before:
                raise Wrong("a finished unit is gone from the journal")
            before = now
        self.check_finished()

    def check_finished(self):
        """That each unit stands in the journals once, the results are those of an undisturbed study,
        and nothing else is left."""
        units = self.finished_units()
        if len(units) != self.units or len(set(units)) != self.units:
            raise Wrong(f"{len(units)} records of finished units, {len(set(units))} units")
        left = [path for path in self.out.rglob("*")
                if path.suffix == ".tmp" or path.name.startswith("checkpoint")]
        if left:
            raise Wrong(f"left behind: {left}")
        self.compare()


def difference(found, expected):
    names = sorted(set(found) ^ set(expected))
    if names:
        return "these files are there only once: " + ", ".join(names)
    names = [name for name in found if found[name] != expected[name]]
    if names != ["results.json"]:
        return "these files differ: " + ", ".join(names)
    lines = zip(expected["results.json"].split("\n"), found["results.json"].split("\n"))
    return "results.json: " + next(f"{a.strip()} became {b.strip()}" for a, b in lines if a != b)


def calls_of(trace):
    """The calls of the main thread in order, each with its number among those of its name."""
    numbers = collections.Counter()
    calls = []
    main_thread = trace.split(maxsplit=1)[0]
    for thread, name in re.findall(r"^(\d+) +(\w+)\(", trace, re.MULTILINE):
        if thread == main_thread:
            numbers[name] += 1
            calls.append((name, numbers[name]))
    return calls


def without_times(value):
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in TIMES}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fathom", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        harness = Harness(arguments.fathom.resolve(), arguments.seed, pathlib.Path(folder))
        studies = 0
        try:
            harness.prepare()
            harness.run_undisturbed()
            print(f"undisturbed: {harness.seconds:.1f} s, "
                  + (f"{len(harness.calls)} calls that write" if harness.calls else "no strace here"))
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
        print(f"{harness.stops.total()} stops in {studies} studies: none lost a unit or ran one "
              f"twice, all came to the same results.\nFrom SIGINT or SIGTERM to the end: "
              f"{harness.slowest_stop:.1f} s at most.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
