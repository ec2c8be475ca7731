/** The player at the foot of every page: the live services, or the segment that is on. */

import { dress, element, seekStep, write } from "./controls.js";
import { deck } from "./deck.js";
import { keep, kept } from "./kept.js";
import { onAir } from "./on-air.js";
import { clock, programmeWords, spokenClock, timeOfDay } from "./words.js";

const SAID = {
  connecting: "Connecting",
  reconnecting: "The stream dropped. Connecting again",
  "off-air": "Off air. Trying again every few seconds",
  failed: "This cannot be played right now",
};
const SETTLES_MS = 700; // a jump in a segment connects for a moment, and is nothing to talk of
const TAKEN_ALONG_MS = 5000;

export class StationPlayer extends HTMLElement {
  #parts = null;
  #announcement = null;
  #ends = new AbortController();

  connectedCallback() {
    if (this.#parts) return; // brought along from one page to the next
    this.#parts = this.#build();
    const { signal } = this.#ends;
    for (const name of ["change", "time"]) deck.addEventListener(name, () => this.#show(), { signal });
    deck.addEventListener("change", () => this.#announce(), { signal });
    const renew = () => {
      this.#listStations();
      this.#show();
      this.#announce();
    };
    onAir.addEventListener("change", renew, { signal });
    const ticks = setInterval(() => this.isConnected && this.#show(), 1000);
    signal.addEventListener("abort", () => clearInterval(ticks));
    this.#listStations(); // a page that says what is not found comes with a player of its own
    this.#show();
  }

  /** Carried along it is back at once; else another has taken its place. */
  disconnectedCallback() {
    setTimeout(() => this.isConnected || this.#ends.abort(), TAKEN_ALONG_MS);
  }

  /** The service that is on, else the one that was chosen last, else the first. */
  get #service() {
    if (deck.isLive) return onAir.find(deck.playing.service) ?? unknown(deck.playing);
    return onAir.find(kept("service")) ?? onAir.services.find(({ streams }) => streams.length) ?? onAir.services[0];
  }

  #build() {
    const parts = {
      play: element("button", { type: "button", className: "bar-play" }),
      title: element("a", { className: "bar-title", dir: "auto" }),
      detail: element("span", { className: "bar-detail" }),
      next: element("p", { className: "bar-next" }),
      time: element("span", { className: "bar-time" }),
      meter: element("progress", { className: "bar-meter", max: 1, value: 0, "aria-label": "How far the programme is" }),
      seek: element("input", { className: "bar-seek", type: "range", min: 0, "aria-label": "Position" }),
      stations: element("button", { type: "button", className: "bar-choose", "aria-expanded": "false", "aria-controls": "stations" }),
      list: element("ul", { className: "bar-list" }),
      status: element("p", { role: "status", className: "unseen" }),
    };
    parts.panel = element("div", { id: "stations", className: "bar-panel", hidden: true }, element("h2", {}, "Available On Air Stations"), parts.list);
    dress(parts.stations, "stations", "Available On Air Stations", "Stations");
    parts.play.addEventListener("click", () => this.#press());
    parts.seek.addEventListener("input", () => deck.seek(Number(parts.seek.value)));
    parts.stations.addEventListener("click", () => this.#open(parts.panel.hidden));
    this.addEventListener("keydown", (event) => event.key === "Escape" && !parts.panel.hidden && this.#open(false));
    const what = element("div", { className: "bar-what" }, element("p", { className: "bar-now" }, parts.title, parts.detail), parts.next);
    const row = element("div", { className: "bar-row" }, parts.play, what, parts.time, parts.stations);
    this.append(element("section", { className: "bar", "aria-label": "Player" }, parts.seek, parts.meter, row, parts.panel, parts.status));
    return parts;
  }

  #press() {
    if (deck.playing) deck.toggle();
    else this.#tune(this.#service);
  }

  #tune({ service, streams }) {
    keep("service", service.id);
    deck.playLive({ service: service.id, name: service.name, streams });
  }

  #open(isOpen) {
    this.#parts.panel.hidden = !isOpen;
    this.#parts.stations.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) this.#parts.stations.focus();
  }

  #listStations() {
    const lines = onAir.services.map((one) => {
      const now = one.now_playing ? programmeWords(one.now_playing) : "";
      const button = element("button", { type: "button", disabled: !one.streams.length, dataset: { service: one.service.id } });
      button.append(element("b", {}, one.service.name), ...(now ? [element("span", {}, now)] : []));
      button.addEventListener("click", () => {
        this.#open(false);
        this.#tune(onAir.find(one.service.id));
      });
      return element("li", {}, button);
    });
    const focused = this.#parts.list.contains(document.activeElement) ? document.activeElement.dataset.service : null;
    this.#parts.list.replaceChildren(...lines);
    if (focused) this.#parts.list.querySelector(`[data-service="${focused}"]`)?.focus();
  }

  #show() {
    const { panel, stations, list } = this.#parts;
    const service = this.#service;
    this.firstElementChild.hidden = !deck.playing && !service; // its room is kept where there are services
    if (this.firstElementChild.hidden) return;
    stations.hidden = !onAir.services.some(({ streams }) => streams.length);
    if (stations.hidden) panel.hidden = true;
    for (const button of list.querySelectorAll("button")) {
      const isOn = deck.isLive && deck.playing.service === button.dataset.service;
      button.setAttribute("aria-current", String(isOn));
    }
    if (deck.isSegment) this.#showSegment();
    else this.#showLive(service);
  }

  #showSegment() {
    const { play, title, detail, next, time, meter, seek } = this.#parts;
    const { playing, position, duration } = deck;
    dress(play, deck.isOn ? "pause" : "play", deck.isOn ? "Pause" : `Play ${playing.title}`);
    play.disabled = false;
    write(title, playing.title);
    title.href = playing.page;
    write(detail, SAID[deck.state] ?? playing.show);
    write(next, "");
    write(time, `${clock(position)} / ${clock(Math.round(duration))}`);
    meter.hidden = true;
    seek.hidden = false;
    seek.max = Math.ceil(duration);
    seek.step = seekStep(duration);
    if (document.activeElement !== seek || deck.state !== "connecting") seek.value = position;
    seek.setAttribute("aria-valuetext", `${spokenClock(position)} of ${spokenClock(duration)}`);
  }

  #showLive({ service, now_playing: now, next_up: [coming], streams }) {
    const { play, title, detail, next, time, meter, seek } = this.#parts;
    const isOn = deck.isLive && deck.isOn;
    play.disabled = !streams.length;
    dress(play, isOn ? "stop" : "play", isOn ? "Stop Live Radio" : "Play Live Radio", isOn ? "Live" : "Play Live Radio");
    write(title, now ? programmeWords(now) : service.name);
    title.href = `/live/${service.id}`;
    const about = now?.item ? [now.item.title, now.item.artist].filter(Boolean).join(" by ") : now ? service.name : "";
    write(detail, (deck.isLive && SAID[deck.state]) || about);
    write(next, coming ? `Next Up: ${coming.title}, ${timeOfDay(coming.starts_at, service.timezone)}` : "");
    seek.hidden = true;
    meter.hidden = !now;
    if (!now) return write(time, "");
    const [start, end] = [Date.parse(now.starts_at), Date.parse(now.ends_at)];
    const elapsed = Math.min(Math.max(onAir.clock - start, 0), end - start) / 1000;
    const total = (end - start) / 1000;
    meter.value = elapsed / total;
    write(time, `${clock(elapsed)} / ${clock(total)}`);
  }

  /** Words for those who do not see it, once somebody uses the player, each once. */
  #announce() {
    clearTimeout(this.#announcement);
    this.#announcement = setTimeout(() => deck.playing && write(this.#parts.status, this.#said()), SETTLES_MS);
  }

  #said() {
    const { state, playing } = deck;
    if (SAID[state]) return `${SAID[state]}: ${playing.name ?? playing.title}`;
    if (state !== "playing") return "";
    const now = deck.isLive ? onAir.find(playing.service)?.now_playing : null;
    return `Playing ${playing.name ?? playing.title}${now ? `: ${programmeWords(now)}` : ""}`;
  }
}

/** A service that plays and of which nothing is told: off line, or no longer one of the station's. */
function unknown({ service, name, streams }) {
  return { service: { id: service, name }, now_playing: null, next_up: [], streams };
}
