// The passes of a run's defragmentations, from its events.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const PASS = /moved (\d+) allocations? of ([\d.]+) (\w+) and gave ([\d.]+) (\w+) back/;
const bytesOf = (value, unit) => Number(value) * 1024 ** Math.max(0, UNITS.indexOf(unit));

// [{frame, moves, moved, freed}] with bytes as exact as the events' text, three digits.
export function passesOf(run) {
  return run.events.filter((event) => event.kind === "defragmentation").flatMap((event) => {
    const match = PASS.exec(String(event.text));
    if (!match) return [];
    return [{ frame: event.frame, moves: Number(match[1]), moved: bytesOf(match[2], match[3]), freed: bytesOf(match[4], match[5]) }];
  });
}

// After each pass: {moved, freed} summed up to there, from (0, 0) on.
export function convergence(passes) {
  const points = [{ moved: 0, freed: 0 }];
  for (const pass of passes) {
    const last = points[points.length - 1];
    points.push({ moved: last.moved + pass.moved, freed: last.freed + pass.freed });
  }
  return points;
}
