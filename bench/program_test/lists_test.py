"""What else names a metric, strategy or schema names one that the program knows: renamed ones are found here."""
import ast
import json
import re
from fnmatch import fnmatchcase

from program import SIMULATED, SOURCE, ProgramTest

NAMING_METRICS = ("bench/**/*.cpp", "reports/**/*.cpp", "reports/**/*.h", "reports/*.json", "reports/notebooks/*.ipynb",
                  "reports/python/vkmembench/**/*.py", "reports/viewer/src/*.js", "scripts/scoreboard")


def assigned(file, name):
    """The texts of a module's constant: the values of a sequence, the keys of a dict."""
    tree = ast.parse((SOURCE / file).read_text(encoding="utf-8"))
    value = next(node.value for node in tree.body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name)
    return [part.value for part in (value.keys if isinstance(value, ast.Dict) else value.elts)]


class ListsTest(ProgramTest):
    def listing(self, what):
        return json.loads(self.run_program("list", what, "--json").out)

    def metric_ids(self):
        """With and without their stats."""
        return {id for row in self.listing("metrics") for id in (row["id"], *(f"{row['id']}.{stat}" for stat in row["stats"].split()))}

    def test_metrics(self):
        metrics = self.metric_ids()
        self.run_program("run", "churn", "--set", "scale=0.05", "--strategy", "vma", "--device", SIMULATED, "-o", "r.json", "-q")
        run = self.report("r.json")["runs"][0]
        known = metrics | set(run["series"]["columns"]) | {histogram["id"] for histogram in run["histograms"]}
        groups = {id.partition(".")[0] for id in metrics}
        units = {row["unit"] for row in self.listing("metrics")}
        quoted = re.compile(r"""["'`]([a-z]+\.[a-z0-9_]+(?:\.[a-z0-9]+)?)\\?["'`]""")
        for pattern in NAMING_METRICS:
            named = 0
            for file in sorted(SOURCE.glob(pattern)):
                if file.name.endswith("_test.cpp"):
                    continue
                ids = {id for id in quoted.findall(file.read_text(encoding="utf-8"))
                       if id.split(".")[0] in groups or units & set(re.split(r"[._]", id))}
                named += len(ids)
                with self.subTest(file.relative_to(SOURCE)):
                    self.assertEqual(ids - known, set())
            self.assertGreater(named, 0, pattern)

    def test_rules_of_the_shipped_policy_match_something(self):
        metrics = self.metric_ids()
        for rule in json.loads((SOURCE / "reports" / "gate.json").read_text(encoding="utf-8"))["rules"]:
            self.assertTrue(any(fnmatchcase(id, rule["metric"]) for id in metrics), rule["metric"])

    def test_the_python_package_knows_the_metrics(self):
        kept = (SOURCE / "reports" / "python" / "vkmembench" / "metrics.json").read_text(encoding="utf-8")
        again = "write it anew: vkmembench list metrics --json > reports/python/vkmembench/metrics.json"
        self.assertEqual(kept, self.run_program("list", "metrics", "--json").out, again)

    def test_strategies(self):
        strategies = {row["name"] for row in self.listing("strategies")}
        self.assertEqual(set(assigned("reports/python/vkmembench/plots/style.py", "KNOWN")) - strategies, set())
        page = (SOURCE / "reports" / "viewer" / "src" / "selection.js").read_text(encoding="utf-8")
        preferred = json.loads(re.search(r"PREFERRED = (\[.*?\]);", page).group(1))
        self.assertEqual(set(preferred) - strategies, set())

    def test_schemas(self):
        text = self.run_program("schema", "--help").out
        for file in sorted((SOURCE / "reports" / "schema").glob("*.schema.json")):
            self.assertRegex(text, rf"\b{file.name.removesuffix('.schema.json')}\b")

    def test_ops(self):
        """The README's table has every op and field, with the defaults that the schema states."""
        readme = (SOURCE / "README.md").read_text(encoding="utf-8")
        section = readme.partition("### Writing a scenario")[2].partition("\n- ")[0]
        rows = re.findall(r"^\| (`.*?) \| (.*) \| [^|]* \|$", section, re.MULTILINE)[1:]
        table = {op: fields for ops, fields in rows for op in re.findall(r"`(\w+)`", ops)}
        schema = json.loads(self.run_program("schema", "scenario").out)
        for op in schema["$defs"]["event"]["oneOf"]:
            name = op["properties"]["op"]["const"]
            shared = table["buffer"] if name == "batch" else ""
            for field, value in op["properties"].items():
                if field not in ("op", "lane", "comment"):
                    self.assertIn(f"`{field}`", table[name] + shared, name)
                    value = {**schema["$defs"].get(value.get("$ref", "").rpartition("/")[2], {}), **value}
                    default = value.get("default")
                    if default not in (None, ""):
                        self.assertIn(f"`{field}` ({str(default).lower()})", table[name] + shared, name)
        self.assertEqual(set(table), {op["properties"]["op"]["const"] for op in schema["$defs"]["event"]["oneOf"]})
