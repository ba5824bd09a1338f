"""A Slurm of several nodes on this machine, for tests: munged, slurmctld and a slurmd a node, all in one folder and on loopback."""
import ctypes
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

CONFIGURATION = """\
ClusterName=t
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,batch_sched_delay=0
JobRequeue=1
MinJobAge=3600
SlurmdTimeout=10
KillWait=1
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/ctld.pid
SlurmdPidFile={folder}/d.%n.pid
SlurmctldLogFile={folder}/ctld.log
SlurmdLogFile={folder}/d.%n.log
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName=n[1-{nodes}] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{first}-{last}] CPUs=1 RealMemory=1000 State=UNKNOWN Gres=gpu:fake:1 Feature=sim
PartitionName=all Nodes=n[1-{nodes}] Default=YES State=UP
"""
PATIENCE_S = 120  # of a machine that builds beside


def why_not():
    """Why none can be started here; empty when one can."""
    if os.geteuid() != 0:
        return "a Slurm of several nodes on one machine takes root"
    missing = [program for program in ("munged", "slurmctld", "slurmd", "sbatch") if shutil.which(program) is None]
    return f"no {', '.join(missing)}: apt-get install slurm-wlm munge" if missing else ""


def free_ports(count):
    """As many in a row, all free now."""
    for first in range(17_000 + os.getpid() % 20_000, 60_000, count):
        holders = []
        try:
            for port in range(first, first + count):
                holders.append(socket.create_server(("127.0.0.1", port)))
            return first
        except OSError:
            continue
        finally:
            for holder in holders:
                holder.close()
    raise RuntimeError("no free ports")


class Slurm:
    """Runs while the block does; `environment` is that of its clients."""

    def __init__(self, folder, nodes):
        self.folder, self.nodes, self.processes = Path(folder), nodes, {}
        self.environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        adopt_orphans()
        self.folder.chmod(0o755)
        munge = self.folder / "munge"
        for part in (munge, self.folder / "state", self.folder / "spool"):
            part.mkdir()
        (munge / "key").write_bytes(secrets.token_bytes(128))
        (munge / "key").chmod(0o400)
        user = pwd.getpwnam("munge")
        for path in (munge, munge / "key"):
            os.chown(path, user.pw_uid, user.pw_gid)
        self.run("munged", "munged", "--foreground", f"--key-file={munge}/key", f"--socket={munge}/socket", f"--pid-file={munge}/pid",
                 f"--log-file={munge}/log", f"--seed-file={munge}/seed", user=user.pw_uid, group=user.pw_gid)
        self.until((munge / "socket").exists, "no munged")
        first = free_ports(self.nodes + 1)
        host = socket.gethostname().partition(".")[0]
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=host, folder=self.folder, nodes=self.nodes, port=first + self.nodes, first=first, last=first + self.nodes - 1))
        (self.folder / "gres.conf").write_text(f"NodeName=n[1-{self.nodes}] Name=gpu Type=fake File=/dev/null\n")
        self.run("slurmctld", "slurmctld", "-D", "-f", self.folder / "slurm.conf")
        for node in range(1, self.nodes + 1):
            self.start_node(node)
        self.until(lambda: self.ask("sinfo", "-h", "-t", "idle", "-o", "%D") == str(self.nodes), "nodes are not idle")

    def start_node(self, node):
        self.run(f"n{node}", "slurmd", "-D", "-f", self.folder / "slurm.conf", "-N", f"n{node}")

    def run(self, name, *argv, **options):
        log = open(self.folder / f"{name}.out", "wb")
        with log:
            self.processes[name] = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                                    env=self.environment, **options)

    def ask(self, *argv):
        """What a client prints, or why it failed."""
        done = subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=60)
        return (done.stdout if done.returncode == 0 else done.stderr).strip()

    def until(self, holds, problem):
        end = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"{problem}: {self.ask('sinfo', '-N')}\n{self.ask('squeue')}")
            time.sleep(0.1)

    def take_down(self, node):
        """As if its power failed: slurmd and what it runs are gone, and nobody says goodbye."""
        for pid in [self.processes[f"n{node}"].pid, *self.jobs_on(node)]:
            kill(pid)
        self.processes.pop(f"n{node}").wait()

    def jobs_on(self, node=None):
        """The processes of jobs of a node, or of all, and the slurmstepd above them."""
        marks = [b"SLURM_CONF=" + bytes(self.folder / "slurm.conf") + b"\0"] + ([b"SLURMD_NODENAME=n%d\0" % node] if node else [b"SLURM_JOB_ID="])
        jobs = [pid for pid in processes() if all(mark in read(pid, "environ") for mark in marks)]
        above = {parent_of(pid) for pid in jobs}
        return [*jobs, *(pid for pid in above if b"slurmstepd" in read(pid, "stat"))]

    def hurry(self):
        """What is to run again would wait two minutes."""
        for line in self.ask("squeue", "-h", "-t", "PD", "-o", "%i %r").splitlines():
            job, _, reason = line.partition(" ")
            if reason == "BeginTime":
                self.ask("scontrol", "update", f"jobid={job}", "starttime=now")

    def stop(self):
        if "slurmctld" in self.processes:
            self.ask("scancel", "--user=root")
        for name in reversed(list(self.processes)):
            self.processes[name].terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid in self.jobs_on():
            kill(pid)
        self.reap()

    @staticmethod
    def reap():
        """What slurmd left behind is a child of ours, for we asked for that."""
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


def adopt_orphans():
    """Processes whose parents end become children of this one: whatever runs as the first process here may not wait for them."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def read(pid, what):
    """A file of a process; nothing of one that is gone."""
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes()
    except OSError:
        return b""


def parent_of(pid):
    """0 of one that is gone."""
    return int((read(pid, "stat").rpartition(b")")[2].split() or [0, 0])[1])


def kill(pid):
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        pass
