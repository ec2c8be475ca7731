/** What a phone's lock screen, a headset or a car shows and does (https://www.w3.org/TR/mediasession/). */

import { AHEAD_S, BACK_S, deck } from "./deck.js";
import { onAir } from "./on-air.js";

export function showOnLockScreen(stationArtwork) {
  if (!("mediaSession" in navigator)) return;
  const session = navigator.mediaSession;
  const act = (name, handler) => {
    try {
      session.setActionHandler(name, handler);
    } catch {
      // This browser has no such button.
    }
  };
  act("play", () => !deck.isOn && deck.toggle());
  act("pause", () => deck.pause());
  act("stop", () => deck.pause());
  act("seekbackward", ({ seekOffset }) => deck.seek(deck.position - (seekOffset ?? BACK_S)));
  act("seekforward", ({ seekOffset }) => deck.seek(deck.position + (seekOffset ?? AHEAD_S)));
  act("seekto", ({ seekTime }) => deck.seek(seekTime));
  const show = () => {
    session.metadata = deck.playing ? new MediaMetadata(metadata(stationArtwork)) : null;
    session.playbackState = deck.playing ? (deck.isOn ? "playing" : "paused") : "none";
    showPosition(session);
  };
  deck.addEventListener("change", show);
  deck.addEventListener("time", () => showPosition(session));
  onAir.addEventListener("change", show);
}

function metadata(stationArtwork) {
  const { playing } = deck;
  const artwork = (url) => (url ? [{ src: url }] : []);
  if (deck.isSegment) return { title: playing.title, artist: playing.show, artwork: artwork(playing.artwork || stationArtwork) };
  const now = onAir.find(playing.service)?.now_playing;
  const title = now?.item?.title ?? now?.title ?? playing.name;
  const artist = now?.item ? (now.item.artist ?? now.title) : (now?.hosts.join(", ") ?? "");
  return { title, artist, album: playing.name, artwork: artwork(stationArtwork) };
}

function showPosition(session) {
  if (!deck.isSegment || !deck.duration || deck.position > deck.duration) return session.setPositionState?.();
  session.setPositionState?.({ duration: deck.duration, position: deck.position, playbackRate: deck.rate });
}
