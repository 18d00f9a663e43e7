// What canvases are painted with: the colours of the style sheet, read again when the theme changes.

const PATTERNS = [[], [7, 4], [2, 4], [9, 4, 2, 4]];

export const ink = { hearts: [], text: "", second: "", line: "", warn: "" };
export const pattern = (number) => PATTERNS[(number - 1) % 4];
export const colour = (number) => ink.hearts[(number - 1) % 4];

const probe = document.createElement("span");

function resolve(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

export function readColours() {
  document.body.append(probe);
  ink.hearts = [1, 2, 3, 4].map((n) => resolve(`--heart${n}`));
  for (const [key, name] of [["text", "--text"], ["second", "--second"], ["line", "--line"], ["warn", "--warn"]]) ink[key] = resolve(name);
  probe.remove();
  document.dispatchEvent(new Event("repaint"));
}

addEventListener("resize", () => document.dispatchEvent(new Event("repaint")));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);
matchMedia("(forced-colors: active)").addEventListener("change", readColours);

/** A canvas whose pixels are the screen's; paint(context, width, height) in CSS pixels. */
export class Surface {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    new ResizeObserver(() => (this.resized = true)).observe(canvas);
    this.resized = true;
  }

  begin() {
    const ratio = window.devicePixelRatio || 1;
    if (this.resized || this.ratio !== ratio) {
      const box = this.canvas.getBoundingClientRect();
      if (!box.width) return null;
      this.width = box.width;
      this.height = box.height;
      this.ratio = ratio;
      this.canvas.width = Math.round(box.width * ratio);
      this.canvas.height = Math.round(box.height * ratio);
      this.resized = false;
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    return this.context;
  }
}
