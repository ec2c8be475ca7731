/** A live stream that is kept alive: what drops is connected again, at the live edge. */

import { attach, playable } from "./streams.js";

const LOOK_MS = 1000;
const SILENT_MS = 6000;
const FIRST_SOUND_MS = 9000; // Chromium takes in five seconds of sound before it plays, and not every station sends a burst
const WAITS_MS = [300, 1000, 2000, 3000, 4000];
const SPREAD_MS = 500; // so that not all listeners come back at the same moment
const FAILURES_UNTIL_OFF_AIR = 3;

/**
 * Tells `connecting`, `playing`, `reconnecting`, `off-air`, `failed` where the browser plays no such stream, or
 * `blocked` where it wants a click first.
 */
export class LiveLine {
  #audio;
  #tell;
  #streams = [];
  #turn = 0;
  #failures = 0;
  #isOpen = false;
  #detach = null;
  #retry = null;
  #watch = null;
  #heardAt = 0;
  #position = 0;

  constructor(audio, tell) {
    this.#audio = audio;
    this.#tell = tell;
    for (const name of ["error", "ended"]) audio.addEventListener(name, () => this.#fail());
    audio.addEventListener("timeupdate", () => this.#listen());
    window.addEventListener("online", () => this.#retry !== null && this.#connect());
  }

  get isOpen() {
    return this.#isOpen;
  }

  open(streams) {
    this.close();
    this.#streams = playable(streams);
    if (!this.#streams.length) {
      this.#tell("failed");
      return;
    }
    this.#isOpen = true;
    this.#turn = this.#failures = 0;
    this.#watch = setInterval(() => this.#look(), LOOK_MS);
    this.#tell("connecting");
    this.#connect();
  }

  close() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#watch);
    this.#disconnect();
  }

  #connect() {
    this.#disconnect();
    this.#heardAt = Date.now();
    this.#position = 0;
    const stream = this.#streams[this.#turn % this.#streams.length];
    this.#detach = attach(this.#audio, stream, () => this.#fail());
    this.#audio.play().catch((error) => {
      if (error.name !== "NotAllowedError" || !this.#isOpen) return; // the others are told as events, too
      this.close();
      this.#tell("blocked");
    });
  }

  #disconnect() {
    clearTimeout(this.#retry);
    this.#retry = null;
    this.#detach?.();
    this.#detach = null;
  }

  #listen() {
    if (!this.#isOpen || this.#audio.currentTime === this.#position) return;
    this.#position = this.#audio.currentTime;
    this.#heardAt = Date.now();
    if (this.#position === 0) return;
    this.#failures = 0;
    this.#tell("playing");
  }

  /** A connection on which nothing comes is as good as none. */
  #look() {
    const patience = this.#position === 0 ? FIRST_SOUND_MS : SILENT_MS;
    if (this.#retry === null && Date.now() - this.#heardAt > patience) this.#fail();
  }

  #fail() {
    if (!this.#isOpen || this.#retry !== null) return;
    this.#turn += 1;
    const wait = WAITS_MS[Math.min(this.#failures, WAITS_MS.length - 1)];
    this.#failures += 1;
    this.#tell(this.#failures < FAILURES_UNTIL_OFF_AIR ? "reconnecting" : "off-air");
    this.#retry = setTimeout(() => this.#connect(), wait + Math.random() * SPREAD_MS);
  }
}
