/** A page that takes another's place is not read out by itself, as one that is loaded is: its title is said. */

import { element } from "./controls.js";

export function sayTitles() {
  const status = element("p", { role: "status", className: "unseen" });
  document.documentElement.append(status); // pages change their body, and a place where things are said must stay
  document.addEventListener("turbo:load", ({ detail }) => {
    if (detail.timing.visitStart) status.textContent = document.title;
  });
}
