/** The parts of a page that say what is on air: played with one click, and as true in an hour as at first sight. */

import { dress, element } from "./controls.js";
import { deck } from "./deck.js";
import { keep } from "./kept.js";
import { onAir } from "./on-air.js";

const SPREAD_MS = 1500;

/** A service on a page; the browser's own player, which ends with the page, gives way to a button. */
export class LiveService extends HTMLElement {
  #button = null;
  #show = () => this.#dress();

  connectedCallback() {
    const { service, name } = this.dataset;
    const place = this.querySelector(".sound-place");
    if (!place) return;
    this.#button = element("button", { type: "button", className: "play-live" });
    this.#button.addEventListener("click", () => {
      if (deck.isLive && deck.playing.service === service) return deck.toggle();
      const known = onAir.find(service);
      keep("service", service);
      deck.playLive({ service, name, streams: known ? known.streams : JSON.parse(this.dataset.streams) });
    });
    const streams = [...place.querySelectorAll("source")].map(({ src, type }) => ({ url: src, media_type: type }));
    this.dataset.streams ??= JSON.stringify(streams); // a page that is shown again has a button in their place
    place.replaceChildren(this.#button);
    deck.addEventListener("change", this.#show);
    this.#dress();
  }

  disconnectedCallback() {
    deck.removeEventListener("change", this.#show);
  }

  #dress() {
    const { service, name } = this.dataset;
    const isOn = deck.isLive && deck.isOn && deck.playing.service === service;
    dress(this.#button, isOn ? "stop" : "play", isOn ? `Stop ${name}` : `Play Live Radio: ${name}`, isOn ? "Stop" : "Play Live Radio");
  }
}

/** Keep every `[data-live]` of the page as the station has it now: each is found again by its id. */
export function keepFresh() {
  let timer = null;
  onAir.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, Math.random() * SPREAD_MS);
  });
  let isShownAgain = false;
  document.addEventListener("turbo:visit", ({ detail }) => (isShownAgain = detail.action === "restore"));
  document.addEventListener("turbo:load", () => isShownAgain && refresh());
}

/** Put in the place of a part what it is now; who is on a link stays on it. */
function renew(part, now) {
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.replaceChildren(...document.adoptNode(now).childNodes);
  if (focused) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

async function refresh() {
  const parts = document.querySelectorAll("[data-live]");
  if (!parts.length) return;
  const address = location.href;
  try {
    const answer = await fetch(address, { cache: "no-cache" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (location.href !== address) return; // somebody went on meanwhile
    for (const part of parts) {
      const now = fresh.getElementById(part.id);
      if (now && now.innerHTML !== part.innerHTML) renew(part, now);
    }
  } catch {
    // Off line: what was known stays.
  }
}
