#!/usr/bin/python3
"""A real Slurm on this machine alone: one controller and a few nodes, in a private folder.

    with cluster.Cluster(folder) as slurm:
        job = slurm.call("sbatch", "--parsable", "--wrap", "hostname").strip()
        slurm.lose_node("node1")

Needs Debian's slurmctld, slurmd, slurm-client and munge, and neither systemd nor control groups.
Not for measuring anything: all nodes share the machine's processors, and claim more than it has.
When the context ends no process of it is left.
"""
import collections
import contextlib
import ctypes
import getpass
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel"]
START_SECONDS = 60
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CONFIGURATION = """
ClusterName=emulated
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={controller_port}
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdSpoolDir={folder}/spool-%n
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdLogFile={folder}/slurmd-%n.log
AuthType=auth/munge
# A requeued job waits until its old credential has expired: 120 s by default.
AuthInfo=socket={folder}/munge/socket,cred_expire=10
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=512
# Nodes may claim processors and memory that the machine has not.
SlurmdParameters=config_overrides
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
ReturnToService=2
JobRequeue=1
# A lost node is noticed soon; a machine with other work to do is slow to answer.
SlurmdTimeout=10
MessageTimeout=10
BatchStartTimeout=120
KillWait=60
InactiveLimit=0
# Jobs that have ended stay known: 300 s by default.
MinJobAge=86400
{nodes}
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

_prctl = ctypes.CDLL(None, use_errno=True).prctl


class Failed(Exception):
    """Slurm did not do what it was told."""


class CannotStart(Failed):
    """Slurm does not run on this machine, which may be a container without what it needs."""


def missing_programs():
    return [program for program in PROGRAMS if shutil.which(program, path=_path()) is None]


class Cluster:
    """Nodes node1, node2, ... of one processor; a context manager."""

    def __init__(self, folder, nodes=2):
        self.folder = pathlib.Path(folder)
        self.names = [f"node{i + 1}" for i in range(nodes)]
        self.nodes = {}  # name -> process id of its keeper
        self.environment = dict(os.environ, SLURM_CONF=str(self.folder / "slurm.conf"),
                                PATH=_path())

    def __enter__(self):
        _prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # nothing that is orphaned escapes stop()
        try:
            self._start()
        except BaseException as reason:
            self.stop()
            if isinstance(reason, (Failed, OSError, KeyError, subprocess.SubprocessError)):
                raise CannotStart(f"Slurm does not start here: {reason}") from reason
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        _kill_descendants(os.getpid())
        _forget_dead_children()

    def start_node(self, name):
        self.nodes[name] = _keep(["slurmd", "-D", "-N", name], self.environment)

    def lose_node(self, name):
        """As when its power fails: the daemon and all that runs there end at once."""
        keeper = self.nodes.pop(name)
        _kill_descendants(keeper)
        os.kill(keeper, signal.SIGKILL)
        os.waitpid(keeper, 0)

    def call(self, *command, **more):
        """What the command prints. Raises Failed with what it says when it fails."""
        done = subprocess.run([str(word) for word in command], env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))}: exit code {done.returncode}\n"
                         f"{done.stdout}{self.logs()}")
        return done.stdout

    def states(self):
        """The state of every job and array task, ended ones too: "12" or "12_3" -> "RUNNING"."""
        return {job: state for job, state, _ in self._jobs()}

    def running(self, name):
        """The jobs and array tasks that run on a node."""
        return [job for job, state, node in self._jobs() if (state, node) == ("RUNNING", name)]

    def requeue(self, job):
        """Whether a job that runs or has ended was put back into the queue."""
        with contextlib.suppress(Failed):  # for a moment it may be neither
            self.call("scontrol", "requeue", job)
        return self.restarts(job) > 0

    def restarts(self, job):
        """How often a job or array task was put back into the queue."""
        return int(re.search(r"Restarts=(\d+)", self.call("scontrol", "show", "job", job)).group(1))

    def _jobs(self):
        """(number, state, node) of each."""
        lines = self.call("squeue", "--all", "--array", "--noheader", "--states=all",
                          "--format=%i|%T|%N").splitlines()
        return [line.split("|") for line in lines]

    def wait_for(self, what, condition, seconds):
        """The first true value of `condition()`. Raises Failed when there is none in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.1)
        raise Failed(f"{what}: not within {seconds} s\n{self.call('squeue', '--all', '--array')}"
                     f"{self.logs()}")

    def logs(self):
        """The last lines of the daemons' logs, for messages."""
        text = ""
        for path in sorted(self.folder.glob("slurm*.log")):
            lines = path.read_text(errors="replace").splitlines()[-25:]
            text += "\n".join([f"--- {path.name}", *lines, ""])
        return text

    def _start(self):
        for folder in ["munge", "state", *(f"spool-{name}" for name in self.names)]:
            (self.folder / folder).mkdir(mode=0o755, parents=True)
        self._start_munge()
        ports = _free_ports(1 + len(self.names))
        nodes = "\n".join(
            f"NodeName={name} NodeHostname={socket.gethostname()} NodeAddr=127.0.0.1 Port={port} "
            f"CPUs=1 RealMemory=4096"
            for name, port in zip(self.names, ports[1:]))
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=socket.gethostname(), user=getpass.getuser(), folder=self.folder,
            controller_port=ports[0], nodes=nodes))
        _start_daemon(["slurmctld", "-D"], self.environment)
        for name in self.names:
            self.start_node(name)
        self.wait_for("all nodes idle", self._all_idle, START_SECONDS)
        self.call("sbatch", "--wait", f"--array=1-{len(self.names)}", "--output=/dev/null",
                  "--chdir=/", "--wrap=true", timeout=START_SECONDS)

    def _start_munge(self):
        folder = self.folder / "munge"
        key = folder / "key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        _start_daemon(["munged", "--foreground", "--force", f"--key-file={key}",
                       f"--socket={folder}/socket", f"--pid-file={folder}/pid",
                       f"--log-file={folder}/log", f"--seed-file={folder}/seed"],
                      self.environment)
        end = time.monotonic() + START_SECONDS
        while not (folder / "socket").exists():
            if time.monotonic() > end:
                raise Failed(f"munged did not start:\n{(folder / 'log').read_text()}")
            time.sleep(0.05)

    def _all_idle(self):
        done = subprocess.run(["sinfo", "--noheader", "--Node", "--format=%t"],
                              env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        return done.stdout.split() == ["idle"] * len(self.names)


def _path():
    """Daemons lie in sbin, which is not on every user's PATH."""
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def _free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _die_with_parent():
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _start_daemon(command, environment):
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            preexec_fn=_die_with_parent)


def _keep(command, environment):
    """Starts a daemon below a process of its own, to which all comes back that the daemon leaves:
    so a node's processes are known from the other nodes'. Returns that process."""
    keeper = os.fork()
    if keeper != 0:
        return keeper
    try:
        _die_with_parent()
        _prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        _start_daemon(command, environment)
        while True:
            os.wait()
    finally:
        os._exit(1)


def _descendants(process):
    """Process ids of all that `process` started and what these did, without dead ones."""
    children = collections.defaultdict(list)
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it has ended meanwhile
        if state != "Z":
            children[int(parent)].append(int(path.parent.name))
    found, next_ones = [], children[process]
    while next_ones:
        found += next_ones
        next_ones = [child for one in next_ones for child in children[one]]
    return found


def _kill_descendants(process):
    """Until none is left: a process may start another while it is looked for."""
    while living := _descendants(process):
        for one in living:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        time.sleep(0.01)


def _forget_dead_children():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
