// Which heart: what is in reach, each with a word on what to do when it is missing.

import { $, field, fill, h, notice } from "./dom.js";

const MOST_BYTES = 64 * 1024 * 1024;
const PART = 24 * 1024;
const LOOK_MS = 4000;

export class Reach {
  constructor(ask) {
    this.ask = ask;
    this.list = [];
    this.name = h("input", { type: "text", maxlength: "24", autocomplete: "off", value: "" });
    this.other = h("input", { type: "text", maxlength: "400", autocomplete: "off", placeholder: "serial:COM3?kind=ppg" });
    this.options = h("ul", { "aria-label": "Hearts in reach" });
    this.drop = h("p", { class: "drop" }, "Drop a recording anywhere on this page (.csv, .txt), or ",
      h("label", {}, "choose a file ", h("input", { type: "file", accept: ".csv,.tsv,.txt", on: { change: (event) => this.upload(event.target.files[0]) } })));
    for (const [event, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
      document.addEventListener(event, (e) => {
        if (!e.dataTransfer?.types.includes("Files")) return;
        e.preventDefault();
        document.body.classList.toggle("over", over);
        if (event === "drop") this.upload(e.dataTransfer.files[0]);
      });
    }
    setInterval(() => !$("reach").hidden && !document.hidden && this.ask("look"), LOOK_MS);
    $("reach").append(
      h("div", { class: "pair" }, field("Its name", this.name)),
      this.options,
      this.drop,
      h("div", { class: "pair" }, field("Another source, as on the command line", this.other),
        h("button", { on: { click: () => this.start(this.other.value.trim()) } }, "Start")));
    $("add").addEventListener("click", () => this.open($("reach").hidden));
  }

  open(wanted) {
    $("reach").hidden = !wanted;
    $("add").setAttribute("aria-expanded", String(wanted));
    if (wanted) {
      this.ask("look");
      this.name.focus();
    }
  }

  update(list) {
    if (JSON.stringify(list) === JSON.stringify(this.list)) return;
    this.list = list;
    fill(this.options, list.map((entry) => h("li", {},
      h("span", {}, entry.title, h("br"), h("small", {}, entry.note)),
      entry.source ? h("button", { "data-key": entry.source, "aria-label": `Start ${entry.title}`, on: { click: () => this.start(entry.source) } }, "Start") : null)));
  }

  async start(source) {
    if (!source) return;
    const answer = await this.ask("start", { source, name: this.name.value.trim() });
    if (!answer.ok) return notice(answer.error, true);
    this.name.value = "";
    this.open(false);
    document.querySelector(".card:last-child")?.scrollIntoView({ block: "nearest" });
  }

  async upload(file) {
    if (!file) return;
    if (file.size > MOST_BYTES) return notice(`${file.name} is larger than 64 MB: start it as csv:PATH instead`, true);
    const bytes = new Uint8Array(await file.arrayBuffer());
    let answer = await this.ask("upload.begin", { name: file.name, size: bytes.length });
    for (let at = 0; answer.ok && at < bytes.length; at += PART) {
      answer = await this.ask("upload.part", { data: btoa(String.fromCharCode(...bytes.subarray(at, at + PART))) });
    }
    if (answer.ok) answer = await this.ask("upload.end");
    if (!answer.ok) return notice(answer.error, true);
    this.name.value ||= file.name.replace(/\.[^.]*$/, "").replace(/[^\w-]+/g, "-").slice(0, 24);
    await this.start(answer.source);
  }
}
