// The line to the bridge: one socket, opened with the key of the address, taken up again when it breaks.

const KEY = "beatbridge-key";
const BACKOFF_MS = [250, 500, 1000, 2000, 4000];

export class Link {
  constructor({ take, lost, refused }) {
    this.take = take;
    this.lost = lost;
    this.refused = refused;
    this.tries = 0;
    this.asked = 0;
    this.answers = new Map();
    const found = new URLSearchParams(location.hash.slice(1)).get("k");
    if (found) {
      sessionStorage.setItem(KEY, found);
      history.replaceState(null, "", location.pathname);
    }
    this.open();
  }

  open() {
    const socket = new WebSocket(`ws://${location.host}/socket`);
    this.socket = socket;
    socket.addEventListener("open", () => socket.send(JSON.stringify({ key: sessionStorage.getItem(KEY) ?? "" })));
    socket.addEventListener("message", (event) => {
      this.tries = 0;
      const message = JSON.parse(event.data);
      if (message.k === "answer") {
        this.answers.get(message.re)?.(message);
        this.answers.delete(message.re);
      } else {
        if (message.k === "w") this.seen = message.n;
        this.take(message);
      }
    });
    socket.addEventListener("close", (event) => {
      if (this.socket !== socket) return;
      for (const answer of this.answers.values()) answer({ ok: false, error: "the bridge went away" });
      this.answers.clear();
      if (event.code === 4401) return this.refused();
      this.lost(event.code, event.reason);
      setTimeout(() => this.open(), BACKOFF_MS[Math.min(this.tries++, BACKOFF_MS.length - 1)]);
    });
  }

  /** Ask the bridge for something; the promise holds its answer: {ok, error?, ...}. */
  ask(what, args = {}) {
    if (this.socket.readyState !== WebSocket.OPEN) return Promise.resolve({ ok: false, error: "not connected" });
    const id = ++this.asked;
    this.socket.send(JSON.stringify({ id, do: what, ...args }));
    return new Promise((resolve) => this.answers.set(id, resolve));
  }

  /** Once a second: how far this page has come, so that the bridge sends no more than is drawn. */
  acknowledge() {
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ seen: this.seen ?? 0, hidden: document.hidden }));
    }
  }
}
