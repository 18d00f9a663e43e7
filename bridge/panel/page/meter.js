// A meter: a bar that shows what leaves, and the value beside it. What acts at beats falls back by itself.

import { h } from "./dom.js";

export class Meter {
  constructor() {
    this.bar = h("i");
    this.value = h("output", {}, "–");
    this.node = h("div", { class: "meter" }, h("span", {}, this.bar), this.value);
  }

  /** level 0-1, the value in words, and whether it is a strike. */
  show([level, text, , strike]) {
    this.value.textContent = text;
    this.bar.style.width = `${Math.round(level * 100)}%`;
    this.node.classList.remove("falling");
    clearTimeout(this.falls);
    if (strike) this.falls = setTimeout(() => {
      this.node.classList.add("falling");
      this.bar.style.width = "0";
    }, 90);
  }
}
