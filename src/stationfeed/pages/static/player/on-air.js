/** What is on air on every service, as the station tells it: asked once, then told of changes. */

import { deck } from "./deck.js";

const NOW = "/api/v1/now";
const EVENTS = "/api/v1/events";
const ASK_EVERY_MS = 60_000;
const ASK_AT_MOST_EVERY_MS = 5_000;
const SPREAD_MS = 3_000;
const CLOCK_MAY_DIFFER_MS = 30_000;

/** Tells `change` when any service is not as before. */
class OnAir extends EventTarget {
  services = [];
  #source = null;
  #timer = null;
  #ahead = 0;

  /** The station's clock in milliseconds: that of this device may be wrong. */
  get clock() {
    return Date.now() + this.#ahead;
  }

  find(id) {
    return this.services.find(({ service }) => service.id === id);
  }

  async start() {
    await this.#ask();
    document.addEventListener("visibilitychange", () => this.#attend());
    deck.addEventListener("change", () => this.#attend());
    this.#attend();
  }

  /** Nobody sees a hidden page, but on a lock screen while it plays: else it lets its connection go until it is seen. */
  #attend() {
    if (document.hidden && !(deck.isLive && deck.isOn)) {
      this.#source?.close();
      this.#source = null;
      clearTimeout(this.#timer);
    } else if (!this.#source) {
      this.#listen();
    }
  }

  #listen() {
    this.#source = new EventSource(EVENTS);
    this.#source.addEventListener("now", ({ data }) => this.#take([JSON.parse(data)]));
    this.#source.addEventListener("reset", () => this.#ask());
    this.#source.addEventListener("open", () => this.#ask());
    this.#source.addEventListener("error", () => {
      if (this.#source?.readyState === EventSource.CLOSED) this.#askNowAndThen();
    });
  }

  /** For a site of plain files, or a server that has as many listeners as it may. */
  #askNowAndThen() {
    clearTimeout(this.#timer);
    const left = this.services.map(({ expires_at: at }) => (at ? Date.parse(at) - this.clock : Infinity));
    const due = left.filter((ms) => ms > -ASK_EVERY_MS); // files that nobody renews are not asked for more often
    const wait = Math.max(ASK_AT_MOST_EVERY_MS, Math.min(ASK_EVERY_MS, ...due)) + Math.random() * SPREAD_MS;
    const isWanted = () => this.#source?.readyState === EventSource.CLOSED;
    this.#timer = setTimeout(() => this.#ask().then(() => isWanted() && this.#askNowAndThen()), wait);
  }

  async #ask() {
    const found = (await fetchJson(NOW)) ?? (await fetchJson(`${NOW}/index.json`));
    if (!found) return;
    const ahead = Date.parse(found.date) - Date.now();
    this.#ahead = Math.abs(ahead) > CLOCK_MAY_DIFFER_MS ? ahead : 0;
    this.#take(found.value.services ?? [], true);
  }

  /** Take what is told of some services, or of all there are. */
  #take(told, isAll = false) {
    const fresh = new Map(told.map((one) => [one.service.id, one]));
    const known = this.services.map((one) => fresh.get(one.service.id) ?? one);
    const added = told.filter((one) => !this.find(one.service.id));
    const services = isAll ? told : [...known, ...added];
    if (JSON.stringify(services) === JSON.stringify(this.services)) return;
    this.services = services;
    this.dispatchEvent(new Event("change"));
  }
}

async function fetchJson(address) {
  try {
    const answer = await fetch(address, { cache: "no-cache" });
    if (!answer.ok || !answer.headers.get("content-type")?.includes("json")) return null;
    return { value: await answer.json(), date: answer.headers.get("date") };
  } catch {
    return null; // off line: what was known stays
  }
}

export const onAir = new OnAir();
