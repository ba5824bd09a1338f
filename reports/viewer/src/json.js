// Values of a report as what they should be, whatever the file holds.

export const list = (value) => (Array.isArray(value) ? value : []);
export const object = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});
export const number = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);
export const count = (value) => Math.max(0, number(value) ?? 0);
export const plain = (value) => (value === undefined || value === null ? "" : String(value));
// Text that turns the direction of writing stays apart from what is written around it: between U+2068 and U+2069, and
// without isolates of its own that could end that one early.
const TURNS = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\ud802\ud803\ud83a\ud83b]/;
export const isolated = (text) => (TURNS.test(text) ? `\u2068${text.replace(/[\u2066-\u2069]/g, "")}\u2069` : text);
export const text = (value) => isolated(plain(value));
