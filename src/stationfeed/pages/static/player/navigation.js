/** Going from page to page: the sound goes on whatever a link leads to, and who listens to the page hears where they are. */

import { session } from "../vendor/turbo-8.0.23.js";
import { element } from "./controls.js";
import { deck } from "./deck.js";

const FILE = /\.(xml|atom|json|opml|pls|xspf|ics|vtt|srt|html)$/;
const NO_CONNECTION = [0, -1]; // as Turbo calls a network failure and a time-out
const SHOWN_MS = 8000;

export function guideNavigation() {
  const status = element("p", { role: "status", className: "unseen" });
  document.documentElement.append(status); // pages change their body, and a place where things are said must stay
  sayTitles(status);
  stayWithoutConnection(status);
  document.addEventListener("click", keepFilesAside, { capture: true });
}

/** A page that takes another's place is not read out by itself, as one that is loaded is. */
function sayTitles(status) {
  document.addEventListener("turbo:load", ({ detail }) => {
    if (detail.timing.visitStart) status.textContent = document.title;
  });
}

/** The browser's own page about it would end the sound. */
function stayWithoutConnection(status) {
  const { adapter } = session;
  const reload = adapter.reload.bind(adapter);
  adapter.reload = (reason) => {
    if (!deck.isOn || !NO_CONNECTION.includes(reason?.context?.statusCode)) return reload(reason);
    adapter.hideVisitProgressBar();
    status.textContent = "This page cannot be reached right now.";
    status.className = "notice";
    setTimeout(() => (status.className = "unseen"), SHOWN_MS);
  };
}

/** While something plays, a feed or another file opens beside the page. */
function keepFilesAside({ target }) {
  const link = target.closest?.("a[href]");
  if (link && deck.isOn && link.origin === location.origin && FILE.test(link.pathname)) link.target = "_blank";
}
