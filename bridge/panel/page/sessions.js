// What was kept: recordings in the folder, with a small picture, to hear again, to note, to make clips of.

import { $, choice, clock, fill, h, notice } from "./dom.js";
import { colour, Surface } from "./colours.js";

export class Sessions {
  constructor(ask, styles) {
    this.ask = ask;
    this.styles = styles;
    this.curves = [];
    this.chosen = new Map(); // styles, by the name of the session
  }

  update({ folder, list }) {
    $("folder").textContent = folder;
    if (!list.length) {
      fill($("sessions"), h("p", { class: "empty" }, "Nothing recorded yet. Record keeps what every heart plays, until you press it again."));
      return;
    }
    this.curves = [];
    fill($("sessions"), list.map((session) => this.card(session)));
    requestAnimationFrame(() => this.paint());
  }

  paint() {
    for (const [surface, rates] of this.curves) spark(surface, rates);
  }

  card(session) {
    if (!session.readable) {
      return h("article", { class: "session", "aria-label": session.name },
        h("h3", {}, session.name), h("small", {}, `${session.when} · cannot be read: ${session.says}`));
    }
    const canvas = h("canvas", { role: "img", "aria-label": `Heart rate of ${session.name}: ${session.says}` });
    const surface = new Surface(canvas);
    this.curves.push([surface, session.rates]);
    const note = h("input", { type: "text", maxlength: "200", value: session.note, "aria-label": `Note on ${session.name}`, placeholder: "a note on this take",
      on: { change: () => this.ask("session.note", { session: session.id, text: note.value }) } });
    const style = choice(this.styles().map((each) => each.name), this.chosen.get(session.name) ?? "default", (name) => this.chosen.set(session.name, name));
    style.setAttribute("aria-label", `Style for ${session.name}`);
    const act = (what, says) => async (event) => {
      const button = event.target;
      button.disabled = true;
      const answer = await this.ask(what, { session: session.id, style: style.value });
      button.disabled = false;
      notice(answer.ok ? answer.says ?? says : answer.error, !answer.ok);
    };
    return h("article", { class: "session", "aria-label": session.name },
      h("h3", {}, session.name),
      h("small", {}, `${session.when} · ${clock(session.seconds)} · ${session.says}`),
      canvas, note,
      h("div", { class: "tools" },
        h("button", { "data-key": `replay-${session.id}`, on: { click: act("session.replay", "playing it again") } }, "Play again"),
        style,
        h("button", { "data-key": `render-${session.id}`, on: { click: act("session.render", "clips written") } }, "Make clips"),
        h("button", { "data-key": `listen-${session.id}`, on: { click: act("session.listen", "listening") } }, "Listen"),
        session.clips ? h("button", { "data-key": `drop-${session.id}`, on: { click: act("session.drop", "dropped into Live") } }, "Drop into Live") : null,
        session.page ? h("a", { class: "button", href: session.page, target: "_blank", rel: "noopener", "aria-label": `Open the page of ${session.name}` }, "Open its page")
          : h("button", { "data-key": `page-${session.id}`, on: { click: act("session.page", "its page is there") } }, "Make its page")));
  }
}

function spark(surface, rates) {
  const context = surface.begin();
  if (!context || rates.length < 2) return;
  const known = rates.filter((rate) => rate !== null);
  const low = Math.min(...known) - 2, high = Math.max(...known) + 2;
  context.strokeStyle = colour(1);
  context.lineWidth = 1.5;
  context.beginPath();
  let open = false;
  rates.forEach((rate, i) => {
    const x = (i / (rates.length - 1)) * surface.width;
    const y = surface.height - ((rate - low) / (high - low)) * surface.height;
    if (rate === null) open = false;
    else if (open) context.lineTo(x, y);
    else { context.moveTo(x, y); open = true; }
  });
  context.stroke();
}
