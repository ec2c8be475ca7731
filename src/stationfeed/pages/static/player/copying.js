/** `<button data-copy="…" hidden>`: puts an address on the clipboard, where there is one. */

const SAID_MS = 2000;

export function offerCopies() {
  if (!navigator.clipboard) return;
  const reveal = () => document.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));
  document.addEventListener("turbo:load", reveal);
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("[data-copy]");
    if (!button) return;
    const words = (button.dataset.words ??= button.textContent);
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = words), SAID_MS);
  });
  reveal();
}
