"""A plan on whatever runs commands: Slurm with nodes that die, GNU parallel, make, and the steps of a GitHub workflow. Every one ends in
the store that a serial run makes. VKMEMBENCH_FLEET=full: 200 jobs instead of 20."""
import json
import os
import re
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

import slurm
from fleet_test import Planning
from program import PROGRAM

FULL = os.environ.get("VKMEMBENCH_FLEET") == "full"
JOBS = 200 if FULL else 20
KILLED = 4 if FULL else 2


def matrix():
    """As many cells as jobs, of some tenths of a second."""
    return {"schema": "vkmembench.matrix/1", "scenarios": {"scenario": "churn", "set": {"scale": 0.4}, "seeds": {"from": 1, "to": JOBS // 4, "step": 1}},
            "strategies": ["vma", "core-default"], "devices": ["sim:amd-rx-6600", {"device": "sim:nvidia-rtx-3090", "gres": "gpu:fake:1", "constraint": "sim"}],
            "run": {"snapshots": False}}


class EnginesTest(Planning):
    def make_plan(self, folder, emit=None):
        typed = ["--shards", JOBS, *(["--emit", emit] if emit else [])]
        self.plan(matrix(), *map(str, typed), folder=folder)
        return self.folder / folder

    def serial(self):
        """The store of a run of everything on one node, one after the other."""
        self.make_plan("serial")
        self.run_program("run", "--plan", "serial", "-q", timeout=600)
        self.run_program("merge", "serial", "-o", "serial/results")
        return self.contents("serial/results")

    def contents(self, store):
        """Names and index of a store, and of each report what it says; nothing else lies there."""
        folder = self.folder / store
        self.assert_no_leftovers()
        said = {}
        for packed in folder.rglob("*.zst"):
            report = json.loads(subprocess.run(["zstdcat", packed], check=True, capture_output=True, timeout=60).stdout)
            said[packed.relative_to(folder)] = json.dumps([report["scenario"], report["runs"]])
        return {path.relative_to(folder) for path in folder.rglob("*")}, (folder / "index.jsonl").read_bytes(), said

    def assert_same_store(self, store, expected):
        names, index, said = self.contents(store)
        self.assertEqual(len(index.splitlines()), JOBS + 1)
        self.assertEqual((names, said), (expected[0], expected[2]))
        self.assertEqual(index, expected[1])

    def shell(self, *argv, code=0, **options):
        done = subprocess.run(list(map(str, argv)), cwd=self.folder, capture_output=True, text=True, timeout=600, **options)
        self.assertEqual(done.returncode, code, f"{argv}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def test_each_ends_in_the_same_store(self):
        expected = self.serial()
        with self.subTest("make"):
            plan = self.make_plan("by-make", "make")
            self.shell("make", "-s", "-f", plan / "Makefile", "-j2")
            self.assert_same_store("by-make/results", expected)
        with self.subTest("github"):
            self.make_plan("by-github", "github-matrix")
            self.run_workflow("by-github")
            self.assert_same_store("results", expected)
        with self.subTest("parallel"):
            if shutil.which("parallel") is None:
                self.skipTest("no GNU parallel: apt-get install parallel")
            plan = self.make_plan("by-parallel", "gnu-parallel")
            self.shell("sh", plan / "parallel.sh", "-j", "2")
            self.assert_same_store("by-parallel/results", expected)
        with self.subTest("slurm"):
            if why := slurm.why_not():
                self.skipTest(why)
            self.run_by_slurm("by-slurm")
            self.assert_same_store("by-slurm/results", expected)

    def run_workflow(self, plan):
        """The steps of the workflow's jobs, one after the other; artifacts are folders, and each job has a checkout of its own."""
        text = (self.folder / plan / "workflow.yml").read_text(encoding="utf-8")
        shards = re.findall(r"- \{ shard: (\d+), runs_on: \"[^\"]+\" \}", text)
        self.assertLessEqual(len(shards), 256)
        self.assertEqual(len(shards), JOBS)
        self.assertIn(f"PLAN: \"{plan}\"", text)
        run_shard, merge = (command.replace("''", "'") for command in re.findall(r"- run: '(.*)'\n", text))
        environment = {**os.environ, "VKMEMBENCH": PROGRAM, "PLAN": plan}
        checkout = self.folder / "checkout"
        artifacts = self.folder / "artifacts"
        for shard in shards:
            shutil.copytree(self.folder / plan, checkout / plan)
            self.assertIn("${{ matrix.shard }}", run_shard)
            subprocess.run(["bash", "-e", "-c", run_shard.replace("${{ matrix.shard }}", shard)], cwd=checkout, env=environment, check=True,
                           capture_output=True, timeout=600)
            (checkout / plan).rename(artifacts / shard if artifacts.is_dir() else self.made(artifacts) / shard)
        for shard in shards:
            shutil.copytree(artifacts / shard, self.folder / plan, dirs_exist_ok=True)
        subprocess.run(["bash", "-e", "-c", merge], cwd=self.folder, env=environment, check=True, capture_output=True, timeout=600)
        shutil.rmtree(artifacts)

    @staticmethod
    def made(folder):
        folder.mkdir()
        return folder

    def run_by_slurm(self, name):
        """Kills jobs and takes a node down while the arrays run; the merge that follows says what is missing, and a second round mends it."""
        self.folder.chmod(0o755)
        state = self.folder / "slurm"
        state.mkdir()
        with slurm.Slurm(state, nodes=4) as cluster:
            plan = self.make_plan(name, "slurm")
            told = self.shell("sh", plan / "submit.sh", env=cluster.environment)
            self.assertEqual(len(re.findall(r"\d+", told.partition(",")[0])), 2, told)  # an array for each class of nodes
            self.kill_some(plan)
            # What Slurm does not know yet to have failed would be run again when its node goes down.
            cluster.until(lambda: len(cluster.ask("squeue", "-h", "-r", "-t", "F").splitlines()) >= KILLED, "no failed jobs")
            cluster.take_down(3)
            cluster.ask("scontrol", "update", "nodename=n3", "state=down", "reason=power")
            merged = self.wait_for_merge(cluster, told)
            done = {path.stem for path in (plan / "reports").glob("*.json")}
            self.assertLessEqual(len(done), JOBS - KILLED)
            self.assertGreater(len(done), JOBS // 2)
            self.assertIn(f"{JOBS - len(done)} of {JOBS} cells are missing", merged)
            self.assertIn("did not end", merged)
            times = {path: path.stat().st_mtime_ns for path in (plan / "reports").iterdir()}
            resumed = json.loads(self.run_program("plan", "--resume", name, "--emit", "slurm", "--json").out)
            self.assertEqual((resumed["missing"], resumed["given_up"]), (JOBS - len(done), 0))
            merged = self.wait_for_merge(cluster, self.shell("sh", plan / "submit.sh", env=cluster.environment))
            self.assertIn(f"{JOBS} of {JOBS} cells in", merged)
            self.submit_what_no_node_has(cluster)
            for path, when in times.items():
                self.assertEqual(path.stat().st_mtime_ns, when, "a finished report was written again")
        shutil.rmtree(state)

    def submit_what_no_node_has(self, cluster):
        """One line says so, the rest runs, and the merge lists what is missing."""
        self.plan({**matrix(), "scenarios": {"scenario": "churn", "set": {"scale": 0.05}}, "strategies": "vma",
                   "devices": [{"device": "sim:amd-rx-6600", "gres": "gpu:h100:1"}, "sim:nvidia-rtx-3090"]}, "--emit", "slurm", folder="lacking")
        done = subprocess.run(["sh", self.folder / "lacking" / "submit.sh"], env=cluster.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("submit.sh: Slurm takes no shards 0 + 1 with '--gres=gpu:h100:1'", done.stderr)
        self.assertIn("1 of 2 cells are missing, beginning with 00001-churn-vma-amd-rx-6600: never run", self.wait_for_merge(cluster, done.stdout))

    def kill_some(self, plan):
        """SIGKILL to as many shards, each while the run of a cell is its child, so that nobody is left to write that report."""
        mark = f"\0--plan\0{plan}\0--shard\0".encode()
        killed = set()
        end = time.monotonic() + 120
        while len(killed) < KILLED:
            self.assertLess(time.monotonic(), end, "no shards to kill")
            parents = {slurm.parent_of(pid) for pid in slurm.processes()}
            for pid in parents:
                if mark in slurm.read(pid, "cmdline") and len(killed) < KILLED and pid not in killed:
                    os.kill(pid, signal.SIGKILL)
                    killed.add(pid)

    def wait_for_merge(self, cluster, told):
        """What the merge job printed, once it ended."""
        job = re.search(r"merge (\d+)", told).group(1)
        over = ("COMPLETED", "FAILED", "CANCELLED")

        def is_over():
            cluster.hurry()
            return cluster.ask("squeue", "-h", "-j", job, "-t", "all", "-o", "%T") in over

        cluster.until(is_over, "the merge did not end")
        (log,) = self.folder.glob(f"*/logs/merge-{job}.log")
        return Path(log).read_text(encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
