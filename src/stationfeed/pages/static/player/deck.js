/** The one sound of the site: a live service or a story's segment. It is no part of any page, so no page ends it. */

import { keep, keepPlace, kept, placeOf } from "./kept.js";
import { LiveLine } from "./live-line.js";
import { release } from "./streams.js";

export const BACK_S = 15;
export const AHEAD_S = 30;
export const RATES = [0.8, 1, 1.25, 1.5, 1.75, 2];
const NEAR_AN_END_S = 10;
const KEPT_EVERY_S = 5;

/**
 * `playing` is null, or what is on the deck: `{kind: "live", service, name, streams}` or `{kind: "segment", key, url,
 * title, show, page, artwork, duration}`. `state` is `idle`, `connecting`, `playing`, `paused`, `reconnecting`,
 * `off-air` or `failed`. It tells `change` for both, and `time` while it plays.
 */
class Deck extends EventTarget {
  playing = null;
  state = "idle";
  rate = RATES.includes(kept("rate")) ? kept("rate") : 1;
  #audio = new Audio();
  #line = new LiveLine(this.#audio, (state) => this.#become(state === "blocked" ? "paused" : state));
  #keptAt = 0;

  constructor() {
    super();
    this.#audio.preload = "none";
    const on = (name, act) => this.#audio.addEventListener(name, act);
    on("playing", () => this.isSegment && this.#become("playing"));
    on("waiting", () => this.isSegment && this.#become("connecting"));
    on("error", () => this.isSegment && this.#become("failed"));
    on("pause", () => this.#pausedBySomebody());
    on("ended", () => this.isSegment && this.#finish());
    for (const name of ["timeupdate", "durationchange", "seeked"]) on(name, () => this.#passTime());
    window.addEventListener("pagehide", () => this.#keepPlace());
  }

  get isLive() {
    return this.playing?.kind === "live";
  }

  get isSegment() {
    return this.playing?.kind === "segment";
  }

  get isOn() {
    return ["connecting", "playing", "reconnecting"].includes(this.state) || (this.isLive && this.state === "off-air");
  }

  /** Seconds from the beginning of a segment; of a live stream, since it was connected. */
  get position() {
    return this.#audio.currentTime;
  }

  get duration() {
    return Number.isFinite(this.#audio.duration) ? this.#audio.duration : (this.playing?.duration ?? 0);
  }

  playLive({ service, name, streams }) {
    this.#leave();
    this.playing = { kind: "live", service, name, streams };
    this.#setRate(1);
    this.#line.open(streams);
  }

  /** Play a segment from a second on, else from where somebody stopped. */
  playSegment(segment, from = null) {
    if (this.playing?.key !== segment.key) {
      this.#leave();
      this.playing = { kind: "segment", ...segment };
      this.#audio.src = segment.url;
    } else if (this.state === "failed") {
      this.#audio.src = segment.url;
    }
    this.#setRate(this.rate);
    if (from !== null || this.state !== "paused") this.#audio.currentTime = from ?? placeOf(segment.key) ?? 0;
    this.#become("connecting");
    this.#audio.play().catch((error) => error.name === "NotAllowedError" && this.#become("paused"));
  }

  /** Start or stop what is on the deck; a live stream starts again at the live edge. */
  toggle() {
    if (this.isOn) this.pause();
    else if (this.isLive) this.playLive(this.playing);
    else if (this.isSegment) this.playSegment(this.playing);
  }

  pause() {
    if (this.isSegment) {
      this.#audio.pause();
    } else if (this.isLive) {
      this.#line.close();
      this.#become("paused");
    }
  }

  seek(seconds) {
    if (!this.isSegment) return;
    this.#audio.currentTime = Math.min(Math.max(0, seconds), this.duration || Infinity);
    if (this.state === "idle") this.#become("paused"); // it was over: it is played from there
    this.#keepPlace();
  }

  setRate(rate) {
    this.rate = rate;
    keep("rate", rate);
    if (this.isSegment) this.#setRate(rate);
    this.dispatchEvent(new Event("change"));
  }

  #setRate(rate) {
    this.#audio.defaultPlaybackRate = this.#audio.playbackRate = rate;
  }

  #leave() {
    this.#keepPlace();
    const wasLive = this.#line.isOpen;
    this.#line.close();
    if (this.isSegment && !wasLive) release(this.#audio);
    this.playing = null;
    this.state = "idle";
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  /** By us, by a headset, by another app: then a live stream is let go, to come back at its edge. */
  #pausedBySomebody() {
    if (this.#audio.ended) return;
    if (this.isSegment && this.state !== "failed") {
      this.#keepPlace();
      this.#become("paused");
    } else if (this.isLive && this.state === "playing") {
      this.pause();
    }
  }

  #finish() {
    keepPlace(this.playing.key, null);
    this.#become("idle");
  }

  #passTime() {
    if (this.isSegment && Math.abs(this.position - this.#keptAt) > KEPT_EVERY_S) this.#keepPlace();
    this.dispatchEvent(new Event("time"));
  }

  #keepPlace() {
    if (!this.isSegment || this.state === "idle") return;
    this.#keptAt = this.position;
    const isWithin = this.position > NEAR_AN_END_S && this.position < this.duration - NEAR_AN_END_S;
    keepPlace(this.playing.key, isWithin ? this.position : null);
  }
}

export const deck = new Deck();
