"""Completions and manual pages: made of the tables that --help is made of, so they name all that it names."""
import json
import os
import re
import shutil
import subprocess
import unittest

from program import PROGRAM, ProgramTest

SHELLS = ("bash", "zsh", "fish")
COMPLETE = r"""
source "$1"
COMP_LINE=$2 COMP_POINT=${#2}
_vkmembench
printf '%s\n' "${COMPREPLY[@]}"
"""


class CompletionTest(ProgramTest):
    def commands(self):
        text = self.run_program("--help").out.partition("Subcommands:\n")[2]
        return re.findall(r"^  ([a-z]+) ", text, re.MULTILINE)

    def long_options(self, *command):
        return set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", self.run_program(*command, "--help").out, re.MULTILINE))

    def bash(self, typed):
        """What bash offers, in a folder with one file."""
        script = self.write("completion.bash", self.run_program("completion", "bash").out)
        line = typed.replace("vkmembench", PROGRAM, 1)
        return subprocess.run(["bash", "-c", COMPLETE, "bash", script, line], cwd=self.folder, check=True, text=True,
                              capture_output=True, timeout=60).stdout.split()

    def names(self, what):
        return self.run_program("list", what, "--names").out.split("\n")[:-1]

    def test_names_are_those_of_the_listing(self):
        for what, key in (("devices", "selector"), ("scenarios", "name"), ("strategies", "preset"), ("metrics", "id")):
            rows = json.loads(self.run_program("list", what, "--json").out)
            self.assertEqual(self.names(what), [row[key] for row in rows])
            self.assertTrue(rows)

    def test_bash_offers_every_command_and_option(self):
        self.assertIn("run", self.commands())
        self.assertEqual(set(self.commands()) - set(self.bash("vkmembench ")), set())
        shared = self.long_options()
        for command in self.commands():
            with self.subTest(command):
                offered = {word for word in self.bash(f"vkmembench {command} -") if word.startswith("--")}
                self.assertEqual(offered, shared | self.long_options(command))

    def test_bash_offers_values(self):
        self.assertEqual(self.bash("vkmembench ru"), ["run"])
        self.assertEqual(self.bash("vkmembench run --clock m"), ["model"])
        self.assertEqual(self.bash("vkmembench run --clock=m"), ["model"])
        self.assertEqual(self.bash("vkmembench --color n"), ["never"])
        self.assertEqual(self.bash("vkmembench run --strategy core-d"), ["core-default"])
        self.assertEqual(self.bash("vkmembench run --strategy vma,core-d"), ["vma,core-default"])
        self.assertEqual(self.bash("vkmembench run --strategy=vma,core-d"), ["vma,core-default"])
        # bash has taken what is before a colon as a word of its own.
        self.assertEqual(self.bash("vkmembench run --device sim:amd-rx-66"), ["amd-rx-6600"])
        self.assertEqual(self.bash("vkmembench run chur"), ["churn"])
        self.assertEqual(self.bash("vkmembench -q run churn --timing o"), ["on", "off"])
        self.assertEqual(set(self.bash("vkmembench list ")), {"devices", "strategies", "scenarios", "generators", "metrics", "importers"})
        self.assertEqual(self.bash("vkmembench validate compl"), ["completion.bash"])

    def test_fish_offers_them_too(self):
        if shutil.which("fish") is None:
            self.skipTest("no fish")
        script = self.write("completion.fish", self.run_program("completion", "fish").out)

        def fish(typed):
            path = f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}"
            done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{typed}'"], cwd=self.folder, check=True,
                                  text=True, capture_output=True, timeout=60, env={**os.environ, "PATH": path})
            return [line.split("\t")[0] for line in done.stdout.splitlines()]
        self.assertEqual(set(self.commands()) - set(fish("vkmembench ")), set())
        shared = self.long_options()
        for command in self.commands():
            with self.subTest(command):
                self.assertEqual({word for word in fish(f"vkmembench {command} --")}, shared | self.long_options(command))
        self.assertEqual(fish("vkmembench run --clock m"), ["model"])
        self.assertEqual(fish("vkmembench run --strategy vma,core-d"), ["vma,core-default"])
        self.assertEqual(fish("vkmembench run --device sim:amd-rx-66"), ["sim:amd-rx-6600"])

    def test_shells_parse_them(self):
        for shell in SHELLS:
            text = self.run_program("completion", shell).out
            with self.subTest(shell):
                for command in self.commands():
                    self.assertIn(command, text)
                if shutil.which(shell):
                    subprocess.run([shell, "-n", self.write("script", text)], check=True, timeout=60)

    def test_a_page_for_each_command(self):
        shown = re.compile(r"\\f[BIR]")
        program = self.run_program("man").out
        shared = self.long_options()
        for command in self.commands():
            with self.subTest(command):
                page = shown.sub("", self.run_program("man", command).out).replace("\\-", "-")
                self.assertIn(f"vkmembench\\-{command}", program)
                self.assertIn(f".B vkmembench {command}\n", page)
                self.assertEqual((shared - {"--version"} | self.long_options(command)) - set(re.findall(r"--[a-z-]+", page)), set())
                for line in self.run_program(command, "--help").out.partition("Options:\n")[2].splitlines():
                    words = re.findall(r"[a-zA-Z]{5,}", line[28:])
                    self.assertEqual([word for word in words if word not in page and not line.startswith("  -h,")], [], line)
        self.assert_refused("man", "ru", says=["'ru'", "run"])

    def test_all_of_them_are_written_where_an_installation_has_them(self):
        self.run_program("man", "-o", "prefix")
        pages = {file.name for file in (self.folder / "prefix/share/man/man1").iterdir()}
        self.assertEqual(pages, {"vkmembench.1"} | {f"vkmembench-{command}.1" for command in self.commands()})
        for file, shell in (("bash-completion/completions/vkmembench", "bash"), ("zsh/site-functions/_vkmembench", "zsh"),
                            ("fish/vendor_completions.d/vkmembench.fish", "fish")):
            self.assertEqual((self.folder / "prefix/share" / file).read_text(), self.run_program("completion", shell).out)
        if shutil.which("mandoc"):
            for page in sorted((self.folder / "prefix/share/man/man1").iterdir()):
                done = subprocess.run(["mandoc", "-T", "lint", "-W", "error", page], text=True, capture_output=True, timeout=60)
                self.assertEqual(done.stdout, "", page)
        self.assert_refused("man", "run", "-o", "prefix", says=["leave out run"])


if __name__ == "__main__":
    unittest.main()
