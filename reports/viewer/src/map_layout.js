// Where the bytes of blocks go in a memory map that runs in rows like text: a block starts right of the one before and
// continues in the next row. Pure geometry; lengths are pixels.

export const ROW = { height: 18, gap: 4, heading: 22 };
const BLOCK_GAP = 3;
const LEAST_WIDTH = 3;

// Blocks by heap, memory type and pool, in that order: [{title, blocks, bytes}].
export function groupBlocks(blocks, nameOf) {
  const groups = new Map();
  for (const block of blocks) {
    const key = JSON.stringify([block.heap, block.type, block.pool ?? ""]);
    if (!groups.has(key)) groups.set(key, { title: nameOf(block), blocks: [], bytes: 0 });
    const group = groups.get(key);
    group.blocks.push(block);
    group.bytes += block.size_bytes;
  }
  const order = ({ blocks: [block] }) => [block.heap ?? 0, block.type ?? 0];
  return [...groups.values()].sort((a, b) => order(a)[0] - order(b)[0] || order(a)[1] - order(b)[1] || (a.title < b.title ? -1 : 1));
}

// Bytes a row so that all groups take about `rows` rows.
export function bytesPerRow(groups, rows) {
  const total = groups.reduce((sum, group) => sum + group.bytes, 0);
  return Math.max(1, total / Math.max(1, rows));
}

// {segments: [{block, y, x0, x1, from, to, first, last}], headings: [{y, group}], height}: a segment shows the bytes
// [from, to) of its block.
export function layOut(groups, width, perRow) {
  const segments = [];
  const headings = [];
  const scale = width / perRow;
  let y = 0;
  for (const group of groups) {
    headings.push({ y, group });
    y += ROW.heading;
    let x = 0;
    for (const block of group.blocks) {
      let from = 0;
      while (from < block.size_bytes) {
        if (width - x < LEAST_WIDTH) {
          x = 0;
          y += ROW.height + ROW.gap;
        }
        const wanted = Math.max(LEAST_WIDTH, (block.size_bytes - from) * scale);
        const isLast = wanted <= width - x;
        const x1 = isLast ? x + wanted : width;
        const to = isLast ? block.size_bytes : Math.min(block.size_bytes, from + (x1 - x) / scale);
        segments.push({ block, y, x0: x, x1, from, to, first: from === 0, last: to >= block.size_bytes });
        from = to;
        x = x1;
      }
      x += BLOCK_GAP;
    }
    y += ROW.height + ROW.gap + 6;
  }
  return { segments, headings, height: y };
}

// The segment and byte offset under a point, null beside all of them.
export function hit(layout, x, y) {
  const segment = layout.segments.find((s) => y >= s.y && y < s.y + ROW.height && x >= s.x0 && x < s.x1);
  if (!segment) return null;
  const share = (x - segment.x0) / (segment.x1 - segment.x0);
  return { segment, offset: Math.floor(segment.from + share * (segment.to - segment.from)) };
}

// What lies at an offset of a block: {span}, or {range: [begin, end), used} between the spans. Spans are by offset.
export function at(block, offset) {
  let low = 0;
  let high = block.spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (block.spans[middle][0] <= offset) low = middle + 1;
    else high = middle;
  }
  // Aliases share bytes: the last span that starts before the offset may end before it while another still covers it.
  for (let i = low - 1; i >= 0 && i >= low - 8; --i) {
    const span = block.spans[i];
    if (offset < span[0] + span[1]) return { span };
  }
  const used = (block.used ?? []).find(([begin, size]) => offset >= begin && offset < begin + size);
  const before = low > 0 ? block.spans[low - 1][0] + block.spans[low - 1][1] : 0;
  const after = low < block.spans.length ? block.spans[low][0] : block.size_bytes;
  let begin = before;
  let end = after;
  for (const [usedBegin, size] of block.used ?? []) {
    if (used) break;
    if (usedBegin + size <= offset) begin = Math.max(begin, usedBegin + size);
    if (usedBegin > offset) end = Math.min(end, usedBegin);
  }
  if (used) {
    begin = Math.max(before, used[0]);
    end = Math.min(after, used[0] + used[1]);
  }
  return { range: [begin, end], used: used !== undefined };
}
