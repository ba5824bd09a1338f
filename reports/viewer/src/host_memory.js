// CPU memory by category as a tree, from rows that name their path.

const SEPARATOR = "::";
// What the report names without the category around it.
const METADATA = "metadata";
const IN_METADATA = new Set(["strategy", "driver"]);

// The innermost category around one that the rows hold; undefined at the top.
function around(category, known) {
  for (let end = category.lastIndexOf(SEPARATOR); end > 0; end = category.lastIndexOf(SEPARATOR, end - 1)) {
    if (known.has(category.slice(0, end))) return category.slice(0, end);
  }
  return IN_METADATA.has(category) && known.has(METADATA) ? METADATA : undefined;
}

// [{row, name, depth}] of the `most` rows with the highest peak, each below the one that holds it, siblings by their peak.
// The total of all of them, "(all)", is left out.
export function categoryTree(categories, most = Infinity) {
  const rows = categories.filter((row) => row.category !== "(all)");
  const known = new Set(rows.map((row) => row.category));
  const below = new Map();
  for (const row of rows) {
    const parent = around(row.category, known);
    if (!below.has(parent)) below.set(parent, []);
    below.get(parent).push(row);
  }
  const all = [];
  const walk = (parent, depth) => {
    const children = below.get(parent) ?? [];
    below.delete(parent);  // a category that a report names twice is walked once
    for (const row of children.sort((a, b) => b.peak - a.peak)) {
      const inside = parent !== undefined && row.category.startsWith(parent + SEPARATOR);
      all.push({ row, name: inside ? row.category.slice(parent.length + SEPARATOR.length) : row.category, depth });
      walk(row.category, depth + 1);
    }
  };
  walk(undefined, 0);
  if (all.length <= most) return all;
  // Who holds a row has a peak at least as high and stands before it.
  const kept = new Set(all.map((entry, i) => [entry, i]).sort(([a, i], [b, j]) => b.row.peak - a.row.peak || i - j).slice(0, most).map(([entry]) => entry));
  return all.filter((entry) => kept.has(entry));
}
