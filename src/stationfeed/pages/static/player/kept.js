/** What a browser keeps from one day to the next; nothing where it keeps nothing (private windows, a full disk). */

const PREFIX = "stationfeed:";
const PLACES = "places";
const MOST_PLACES = 50;

export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Nothing depends on it.
  }
}

/** Where somebody stopped in a segment, in seconds; null at its beginning. */
export function placeOf(key) {
  const seconds = kept(PLACES)?.[key];
  return Number.isFinite(seconds) ? seconds : null;
}

/** Keep a place, or forget it with null; the oldest of many are forgotten, too. */
export function keepPlace(key, seconds) {
  const { [key]: _former, ...others } = kept(PLACES) ?? {};
  const places = seconds === null ? others : { ...others, [key]: Math.round(seconds) };
  keep(PLACES, Object.fromEntries(Object.entries(places).slice(-MOST_PLACES)));
}
