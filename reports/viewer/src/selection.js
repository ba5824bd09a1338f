// Which runs the charts show, and each one's colour and dash.

export const MOST_SHOWN = 12;
const SHOWN_AT_FIRST = 5;
// What people compare first, where the report has them.
const PREFERRED = ["vma", "core-default", "core-speed", "core-memory", "dedicated"];

// The indices of the runs to show before anybody chooses.
export function firstChoice(runs) {
  const proper = runs.filter((run) => !run.isFloor);
  const pool = proper.length > 0 ? proper : runs;
  const preferred = PREFERRED.map((name) => pool.find((run) => run.strategy === name)).filter((run) => run);
  const rest = pool.filter((run) => !preferred.includes(run));
  return [...preferred, ...rest].slice(0, SHOWN_AT_FIRST).map((run) => run.index).sort((a, b) => a - b);
}

// Shown runs keep their slot, and with it their look, while others come and go.
export class Selection {
  constructor(runs) {
    this.slots = firstChoice(runs);
  }
  slotOf(index) {
    return this.slots.indexOf(index);
  }
  has(index) {
    return this.slots.includes(index);
  }
  get isFull() {
    return this.slots.filter((slot) => slot !== null).length >= MOST_SHOWN;
  }
  toggle(index) {
    const slot = this.slotOf(index);
    if (slot >= 0) {
      this.slots[slot] = null;
    } else if (!this.isFull) {
      const free = this.slots.indexOf(null);
      this.slots[free >= 0 ? free : this.slots.length] = index;
    }
  }
  // The runs shown, in the order of the report.
  shown(runs) {
    return runs.filter((run) => this.has(run.index));
  }
}
