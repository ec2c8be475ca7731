/** Live streams on an audio element: those it plays by itself, and HLS through a library where it does not. */

const HLS = /mpegurl/i;

/** The streams that this browser can play, in the station's order. */
export function playable(streams) {
  const probe = document.createElement("audio");
  return streams.filter(({ media_type: type }) => probe.canPlayType(type) || (HLS.test(type) && "MediaSource" in window));
}

/** Connect; the function that comes back disconnects. `onFailure` is called where the element itself says nothing. */
export function attach(audio, stream, onFailure) {
  if (HLS.test(stream.media_type) && !audio.canPlayType(stream.media_type)) return attachHls(audio, stream.url, onFailure);
  audio.src = stream.url;
  return () => release(audio);
}

/** Let go of the connection: a stream that is only paused goes on to be sent. */
export function release(audio) {
  audio.removeAttribute("src");
  audio.load();
}

function attachHls(audio, url, onFailure) {
  let player = null;
  let isWanted = true;
  import("../vendor/hls-light-1.7.4.js").then(({ default: Hls }) => {
    if (!isWanted) return;
    player = new Hls({ enableWorker: false, liveSyncDurationCount: 2 });
    player.on(Hls.Events.ERROR, (_event, { fatal }) => fatal && onFailure());
    player.on(Hls.Events.MEDIA_ATTACHED, () => audio.play().catch(() => {}));
    player.loadSource(url);
    player.attachMedia(audio);
  }, onFailure);
  return () => {
    isWanted = false;
    player?.destroy();
    release(audio);
  };
}
