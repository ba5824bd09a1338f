// Builds the page: one HTML file with the style and the bundled script in it, and a mark where the program puts reports.
// Usage: node build.mjs [OUTPUT]
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const output = process.argv[2] ?? here("page.built.html");

const bundle = async (entry) => {
  const { outputFiles } = await build({
    entryPoints: [here(entry)], bundle: true, minify: true, write: false, charset: "ascii", format: "esm", target: "es2020",
    legalComments: "none", logLevel: "warning",
  });
  return outputFiles[0].text.trim();
};
const script = await bundle("src/main.js");
const style = await bundle("src/style.css");
const license = (await readFile(here("node_modules/uplot/LICENSE"), "utf8")).trim();
for (const [name, text] of Object.entries({ script, style })) {
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`the ${name} would end its element early`);
}
const parts = {
  SCRIPT_HASH: `sha256-${createHash("sha256").update(script).digest("base64")}`,
  NOTICES: `Charts: uPlot\n${license}`,
  STYLE: style,
  SCRIPT: script,
};
const template = await readFile(here("page.html"), "utf8");
const page = template.replace(/@([A-Z_]+)@/g, (_, name) => parts[name]);
if (/[\u0080-\uffff]/.test(page)) throw new Error("the page must be ASCII: the program embeds it as such");
await writeFile(output, page);
console.log(`${output}: ${page.length} bytes`);
