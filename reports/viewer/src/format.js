// Figures for people, written as the program's console table writes them.

function scaled(value, step, units) {
  let unit = 0;
  while (unit + 1 < units.length && Math.abs(value) >= step - 0.5) {
    value /= step;
    ++unit;
  }
  const size = Math.abs(value);
  const decimals = (unit === 0 && Number.isInteger(value)) || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${value.toFixed(decimals)} ${units[unit]}`;
}

export const bytes = (value) => scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]);
export const ns = (value) => scaled(value, 1000, ["ns", "\u00b5s", "ms", "s"]);
export const ratio = (value) => value.toFixed(2);
export const percent = (share) => `${(share * 100).toFixed(1)} %`;
export const count = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
export const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

// The value of a metric in its unit.
export function inUnit(value, unit) {
  switch (unit) {
    case "bytes":
      return bytes(value);
    case "ns":
      return ns(value);
    case "ratio":
      return ratio(value);
    case "bytes_per_s":
      return `${bytes(value)}/s`;
    case "per_s":
      return `${count(value)}/s`;
    case "byte_frames":
      return `${bytes(value)} \u00b7 frames`;
    default:
      return Number.isInteger(value) ? count(value) : value.toFixed(2);
  }
}

// A change relative to a base: "30 % less than", "4.2 times less than"; "as much as" when it is below 0.5 %.
export function compared(value, base) {
  if (!(base > 0) || Math.abs(value / base - 1) < 0.005) return "as much as";
  const times = value / base;
  const factor = (value) => `${value >= 10 ? count(value) : value.toFixed(1)} times`;
  if (times >= 2) return factor(times);
  if (times <= 0.5 && value > 0) return `${factor(1 / times)} less than`;
  return times > 1 ? `${Math.round((times - 1) * 100)} % more than` : `${Math.round((1 - times) * 100)} % less than`;
}
