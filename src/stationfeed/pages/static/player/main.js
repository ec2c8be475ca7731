/** Starts once: a page that names a newer version of this file must not break what plays. */

if (!customElements.get("station-player")) await import("./start.js");
