// Elements without markup: text is only ever text, so that a name from a device or a file stays a name.

export const $ = (id) => document.getElementById(id);

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (key === "class") node.className = value;
    else if (key in node && key !== "list" && typeof value !== "string") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

let serial = 0;

/** A label above a control; the control keeps its own events. */
export function field(label, control) {
  control.id ||= `field-${++serial}`;
  const caption = h("label", { for: control.id }, label);
  return h("span", { class: "field" }, caption, control);
}

export function choice(options, chosen, change) {
  const select = h("select", { on: { change: () => change(select.value) } });
  for (const option of options) {
    const [value, text] = Array.isArray(option) ? option : [option, option];
    select.append(h("option", { value: String(value), selected: String(value) === String(chosen) }, text));
  }
  return select;
}

/** Replace the children of a box, unless somebody is typing in it; what had the focus keeps it. */
export function fill(box, ...children) {
  const active = box.contains(document.activeElement) ? document.activeElement : null;
  if (active?.matches("input, textarea")) return;
  const at = active?.matches("select") ? [...box.querySelectorAll("select")].indexOf(active) : -1;
  box.replaceChildren(...children.flat().filter(Boolean));
  if (at >= 0) box.querySelectorAll("select")[at]?.focus();
  else if (active?.dataset.key) box.querySelector(`[data-key="${CSS.escape(active.dataset.key)}"]`)?.focus();
}

export const number = (value, digits = 0) => (value === null || value === undefined ? "–" : value.toFixed(digits));

export function notice(text, warn = false) {
  const line = h("p", { class: warn ? "warn" : "" }, text);
  $("notices").append(line);
  while ($("notices").children.length > 4) $("notices").firstChild.remove();
  setTimeout(() => line.remove(), warn ? 12000 : 6000);
}

export const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
