// What scripts/lint holds the page's JavaScript and its tests to.
import js from "@eslint/js";

const names = (text) => Object.fromEntries(text.split(" ").map((name) => [name, "readonly"]));
const browser = names("Blob Node ResizeObserver URL addEventListener console devicePixelRatio document getComputedStyle matchMedia " +
  "performance print requestAnimationFrame scrollTo window");
const node = names("Buffer URL clearTimeout console process setTimeout structuredClone");

export default [
  {
    ...js.configs.recommended,
    rules: {
      ...js.configs.recommended.rules,
      "max-len": ["error", { code: 160 }],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "prefer-const": "error",
      "no-var": "error",
      eqeqeq: "error",
    },
  },
  { files: ["src/**"], languageOptions: { globals: browser } },
  { files: ["*.mjs", "test/**"], languageOptions: { globals: node } },
];
