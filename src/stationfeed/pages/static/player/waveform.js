/** The outline of a sound, drawn as bars; what was heard already in the station's colour. */

const BAR_PX = 3;
const GAP_PX = 1;
const LOUDEST = 128;

/** The loudest of each of `count` stretches, from 0 to 1; `outline` is audiowaveform's JSON, version 2, of 8 bits. */
export function barsOf({ data }, count) {
  const pixels = data.length / 2;
  return Array.from({ length: count }, (_unused, bar) => {
    const first = Math.floor((bar * pixels) / count);
    const last = Math.max(first + 1, Math.floor(((bar + 1) * pixels) / count));
    let most = 0;
    for (let at = first * 2; at < Math.min(last, pixels) * 2; at += 1) most = Math.max(most, Math.abs(data[at]));
    return Math.min(1, most / LOUDEST);
  });
}

/** Draw on a canvas; `share` from 0 to 1 is how much was heard. */
export function drawWaveform(canvas, outline, share) {
  const scale = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width) return;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const bars = barsOf(outline, Math.max(1, Math.floor(width / (BAR_PX + GAP_PX))));
  for (const [at, level] of bars.entries()) {
    context.fillStyle = at < share * bars.length ? style.getPropertyValue("--accent") : style.getPropertyValue("--soft");
    const tall = Math.max(2, level ** 0.75 * height);
    context.fillRect(at * (BAR_PX + GAP_PX), (height - tall) / 2, BAR_PX, tall);
  }
}
