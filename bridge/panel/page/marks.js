// Marks: the key M and one button, and buttons of a person's own names for the phases of a piece.

import { $, fill, h, notice } from "./dom.js";

const NAMES = "beatbridge-marks";
const KEY = "beatbridge-mark-key";
const MOST = 8;

export function marking(ask) {
  const mark = async (text) => {
    const answer = await ask("mark", { text });
    if (!answer.ok) notice(answer.error, true);
  };
  const plain = () => mark(`mark ${new Date().toTimeString().slice(0, 8)}`);
  const names = () => JSON.parse(localStorage.getItem(NAMES) ?? "[]");
  const show = () => fill($("marks"), names().map((name) => h("button", { on: { click: () => mark(name) } }, name)));
  $("mark").addEventListener("click", plain);
  $("name-marks").addEventListener("click", () => {
    const given = prompt("Names of marks, with commas between: a button each", names().join(", "));
    if (given === null) return;
    const kept = given.split(",").map((name) => name.trim().slice(0, 40)).filter(Boolean);
    localStorage.setItem(NAMES, JSON.stringify([...new Set(kept)].slice(0, MOST)));
    show();
  });
  const key = $("mark-key"); // a single key must be one that can be switched off (WCAG 2.1.4): speech input types letters
  key.checked = localStorage.getItem(KEY) !== "off";
  const hint = () => ($("mark-hint").hidden = !key.checked);
  key.addEventListener("change", () => {
    localStorage.setItem(KEY, key.checked ? "on" : "off");
    hint();
  });
  hint();
  document.addEventListener("keydown", (event) => {
    if (!key.checked || event.repeat) return;
    if (event.target.matches("input:not([type=checkbox]), select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "m" || event.key === "M") plain();
  });
  show();
}
