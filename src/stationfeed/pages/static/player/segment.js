/** A story's segment on its page: play, seek in the waveform, jump by chapter, change speed, follow the transcript. */

import { dress, element, seekStep, write } from "./controls.js";
import { AHEAD_S, BACK_S, RATES, deck } from "./deck.js";
import { placeOf } from "./kept.js";
import { FollowedTranscript } from "./transcript.js";
import { drawWaveform } from "./waveform.js";
import { clock, spokenClock } from "./words.js";

export class StoryAudio extends HTMLElement {
  #parts = null;
  #outline = null;
  #transcript = null;
  #chapters = [];
  #ends = null;

  connectedCallback() {
    const place = this.querySelector(".sound-place");
    this.#parts = this.#build();
    place.replaceChildren(this.#parts.controls);
    this.#chapters = [...this.querySelectorAll(".chapters [data-at]")];
    for (const chapter of this.#chapters) this.#offerChapter(chapter);
    const words = document.querySelector(".transcript .lines");
    this.#transcript = words && new FollowedTranscript(words, (at) => this.#goTo(at));
    this.#ends = new AbortController();
    const { signal } = this.#ends;
    for (const name of ["change", "time"]) deck.addEventListener(name, () => this.#show(), { signal });
    window.addEventListener("resize", () => this.#draw(), { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw(), { signal });
    this.#loadOutline();
    this.#show();
  }

  disconnectedCallback() {
    this.#ends?.abort();
  }

  get #segment() {
    const { key, url, title, show, page, artwork, duration } = this.dataset;
    return { key, url, title, show, page, artwork, duration: Number(duration) };
  }

  get #isOnDeck() {
    return deck.isSegment && deck.playing.key === this.dataset.key;
  }

  /** In seconds; before it is played, where somebody stopped. */
  get #position() {
    const isUnderWay = this.#isOnDeck && deck.state !== "idle";
    return isUnderWay ? deck.position : (placeOf(this.dataset.key) ?? 0);
  }

  #build() {
    const { title, duration } = this.dataset;
    const button = (label, words, act) => {
      const made = element("button", { type: "button", "aria-label": label }, words);
      made.addEventListener("click", act);
      return made;
    };
    const parts = {
      play: button("Play", "", () => (this.#isOnDeck && deck.state !== "idle" ? deck.toggle() : deck.playSegment(this.#segment))),
      back: button(`Back ${BACK_S} seconds`, `−${BACK_S}`, () => this.#goTo(this.#position - BACK_S)),
      ahead: button(`Ahead ${AHEAD_S} seconds`, `+${AHEAD_S}`, () => this.#goTo(this.#position + AHEAD_S)),
      rate: element("select", { "aria-label": "Speed" }, ...RATES.map((rate) => element("option", { value: String(rate) }, `${rate}×`))),
      canvas: element("canvas", { "aria-hidden": "true" }),
      seek: element("input", { type: "range", min: 0, max: Math.ceil(Number(duration)), step: seekStep(Number(duration)), value: 0, "aria-label": `Position in ${title}` }),
      time: element("span", { className: "clock" }),
      hint: element("span", { className: "small hint" }),
    };
    parts.play.className = "sound-play";
    parts.rate.addEventListener("change", () => deck.setRate(Number(parts.rate.value)));
    parts.seek.addEventListener("input", () => this.#goTo(Number(parts.seek.value)));
    parts.wave = element("div", { className: this.dataset.peaks ? "wave" : "wave bare" }, parts.canvas, parts.seek);
    const row = element("div", { className: "sound-row" }, parts.back, parts.ahead, parts.rate, parts.time, parts.hint);
    parts.controls = element("div", { className: "sound-controls" }, parts.play, parts.wave, row);
    return parts;
  }

  #offerChapter(chapter) {
    const words = chapter.querySelector(".chapter-title"); // of a page that is shown again: a button that does nothing
    const button = element("button", { type: "button", className: "chapter-title" });
    write(button, words.textContent);
    button.addEventListener("click", () => this.#goTo(Number(chapter.dataset.at)));
    words.replaceWith(button);
  }

  #goTo(seconds) {
    const at = Math.max(0, Math.min(seconds, Number(this.dataset.duration)));
    if (this.#isOnDeck && deck.state !== "idle" && deck.isOn) deck.seek(at);
    else deck.playSegment(this.#segment, at);
  }

  async #loadOutline() {
    if (!this.dataset.peaks) return;
    try {
      const answer = await fetch(this.dataset.peaks);
      this.#outline = answer.ok ? await answer.json() : null;
    } catch {
      // The slider does without.
    }
    this.#parts.wave.classList.toggle("bare", !this.#outline);
    this.#draw();
  }

  #show() {
    const { play, rate, seek, time, hint } = this.#parts;
    const isOn = this.#isOnDeck && deck.isOn;
    const position = this.#position;
    const duration = this.#isOnDeck ? deck.duration : Number(this.dataset.duration);
    dress(play, isOn ? "pause" : "play", isOn ? "Pause" : `Play ${this.dataset.title}`);
    rate.value = String(deck.rate);
    seek.value = position;
    seek.setAttribute("aria-valuetext", `${spokenClock(position)} of ${spokenClock(duration)}`);
    write(time, `${clock(position)} / ${clock(Math.round(duration))}`);
    write(hint, this.#hint(isOn, position));
    this.#transcript?.follow(this.#isOnDeck && deck.state !== "idle" ? position : null);
    const current = this.#chapters.findLast(({ dataset }) => Number(dataset.at) <= position);
    for (const one of this.#chapters) {
      const isCurrent = this.#isOnDeck && one === current;
      one.toggleAttribute("data-current", isCurrent);
      one.querySelector(".chapter-title").setAttribute("aria-current", String(isCurrent));
    }
    this.#draw();
  }

  #hint(isOn, position) {
    if (this.#isOnDeck && deck.state === "failed") return "This cannot be played right now. Press play to try again.";
    return !isOn && position > 0 ? `Goes on at ${clock(position)}` : "";
  }

  #draw() {
    if (!this.#outline) return;
    drawWaveform(this.#parts.canvas, this.#outline, this.#position / (Number(this.dataset.duration) || 1));
  }
}
