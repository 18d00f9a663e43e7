// The first visit: three steps to the first sound, then "now yours".

import { $, notice } from "./dom.js";

const SEEN = "beatbridge-seen";

export function firstVisit(ask, reach) {
  const show = localStorage.getItem(SEEN) !== "yes";
  $("first").hidden = !show;
  const done = () => {
    localStorage.setItem(SEEN, "yes");
    $("first").hidden = true;
  };
  $("first-close").addEventListener("click", done);
  $("first-heart").addEventListener("click", async () => {
    const answer = await ask("start", { source: "sim?bpm=72" });
    if (!answer.ok) return notice(answer.error, true);
    $("first-heart").disabled = true;
    $("first-sound").disabled = false;
    $("first-sound").focus();
  });
  $("first-sound").addEventListener("click", async () => {
    const answer = await ask("sound", { on: true });
    if (!answer.ok) notice(answer.error, true);
    $("first-sound").disabled = true;
    $("first-own").disabled = false;
    $("first-own").focus();
  });
  $("first-own").addEventListener("click", () => {
    done();
    reach.open(true);
  });
}
