/** Small parts that several controls are made of. */

const ICONS = {
  play: "M7 4.5v15l13-7.5z",
  pause: "M6 4.5h4v15H6zM14 4.5h4v15h-4z",
  stop: "M6 6h12v12H6z",
  stations: "M4 5h2v2H4zM8 5h12v2H8zM4 11h2v2H4zM8 11h12v2H8zM4 17h2v2H4zM8 17h12v2H8z",
};
const SVG = "http://www.w3.org/2000/svg";

/** An element with properties and children; text is only ever text. */
export function element(name, properties = {}, ...children) {
  const { dataset, ...others } = properties;
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(others)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Set text where it is not there yet, so that nobody is told the same twice. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** The step of a slider in seconds, which a sound of three seconds needs smaller. */
export function seekStep(duration) {
  return duration < 60 ? 1 : 5;
}

/** Give a button its icon, its words, and the words it shows where there is room. */
export function dress(button, iconName, label, shown = "") {
  if (button.dataset.icon !== iconName || button.getAttribute("aria-label") !== label) {
    button.dataset.icon = iconName;
    button.setAttribute("aria-label", label);
    button.replaceChildren(icon(iconName), ...(shown ? [element("span", {}, shown)] : []));
  }
}
