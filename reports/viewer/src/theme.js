// Colours: light or dark as the system says, until somebody chooses. Paper is always light.

const media = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();
let chosen = null;
let isPrinting = false;

export const isDark = () => !isPrinting && (chosen ?? (media.matches ? "dark" : "light")) === "dark";
// Calls back when the colours or the width of the paper change; returns how to stop it.
export function onTheme(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply() {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  for (const listener of [...listeners]) listener();
}
export function toggleTheme() {
  chosen = isDark() ? "light" : "dark";
  apply();
}
export function startTheme() {
  media.addEventListener("change", apply);
  for (const [event, printing] of [["beforeprint", true], ["afterprint", false]]) {
    addEventListener(event, () => {
      isPrinting = printing;
      document.documentElement.classList.toggle("printing", printing);
      apply();
    });
  }
  apply();
}

export const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// Eight hues that stay apart for colour-blind eyes; more runs repeat them dashed.
export const HUES = 8;
const DASHES = [[], [7, 4], [2, 3]];
// `color` is for canvases, of the theme as it is now; `css` is for elements and follows the theme.
export const lookOf = (slot) => ({
  color: color(`hue-${slot % HUES}`), css: `var(--hue-${slot % HUES})`, dash: DASHES[Math.floor(slot / HUES) % DASHES.length],
});
