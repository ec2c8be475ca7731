/** A transcript that follows what is heard, and leads to where somebody clicks. */

import { element, write } from "./controls.js";

/** `root` holds paragraphs with `data-at` in seconds; `go` is called with the second of the one that was chosen. */
export class FollowedTranscript {
  #root;
  #lines;
  #times;
  #now = null;

  constructor(root, go) {
    this.#root = root;
    this.#lines = [...root.querySelectorAll("[data-at]")];
    this.#times = this.#lines.map(({ dataset }) => Number(dataset.at));
    for (const line of this.#lines) this.#offerTime(line);
    for (const line of root.querySelectorAll("[aria-current]")) line.removeAttribute("aria-current"); // of a page that is shown again
    root.closest("details")?.addEventListener("toggle", () => this.#now && this.#bringIntoView(this.#now));
    root.addEventListener("click", (event) => {
      const line = event.target.closest("[data-at]");
      const isSelecting = window.getSelection()?.toString();
      if (line && !isSelecting && !event.target.closest("a")) go(Number(line.dataset.at));
    });
  }

  /** Mark the line that is heard at a second; null marks none. */
  follow(seconds) {
    const line = seconds === null ? null : this.#lines[this.#lastAt(seconds)];
    if (line === this.#now) return;
    this.#now?.removeAttribute("aria-current");
    this.#now = line ?? null;
    if (!line) return;
    line.setAttribute("aria-current", "true");
    this.#bringIntoView(line);
  }

  #offerTime(line) {
    const time = line.querySelector(".clock");
    if (!time || time.tagName === "BUTTON") return;
    const button = element("button", { type: "button", className: "clock" });
    write(button, time.textContent);
    button.setAttribute("aria-label", `Play from ${time.textContent}`);
    time.replaceWith(button);
  }

  #lastAt(seconds) {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times[middle] <= seconds) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Inside its own box, so that the page stays where it is read. */
  #bringIntoView(line) {
    const box = this.#root;
    const [inner, outer] = [line.getBoundingClientRect(), box.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom) {
      box.scrollTo({ top: box.scrollTop + inner.top - outer.top - box.clientHeight / 3 });
    }
  }
}
