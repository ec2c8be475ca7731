/** Times in the words that the pages use. */

/** `3:05`, `1:02:05`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const pair = (value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${pair(minutes)}:${pair(whole % 60)}` : `${minutes}:${pair(whole % 60)}`;
}

/** `1 hour 2 minutes 5 seconds`, for those who listen to the page. */
export function spokenClock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ];
  const said = parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return said.join(" ") || "0 seconds";
}

/** `8:45 p.m.` on the station's clock. */
export function timeOfDay(iso, timeZone) {
  const format = new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone });
  const part = Object.fromEntries(format.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  const hour = Number(part.hour);
  return `${hour % 12 || 12}:${part.minute} ${hour < 12 ? "a.m." : "p.m."}`;
}

/** `KXMP Newsroom with Ada Okafor`. */
export function programmeWords({ title, hosts }) {
  return hosts?.length ? `${title} with ${hosts.join(", ")}` : title;
}
