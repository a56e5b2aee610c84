// Short messages at the edge of the page. `say()` from scripts; `HX-Trigger: {"toast": {"text": "...", "kind": "good"}}` from
// the server; Django's messages are already in the page. Bad news stays until it is closed.
const LIFETIME = 7000;

const region = () => document.querySelector("#toasts");

export function say(text, kind = "good") {
  const mould = document.querySelector(`#toast-mould-${kind}`);
  const toast = mould.content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-toast-text]").textContent = text;
  region().append(toast);
  watch(toast);
}

// For changes that a person sees but a screen reader would miss.
export function announce(text) {
  document.querySelector("#announce").textContent = text;
}

function watch(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "1";
  if (toast.classList.contains("bad")) return;
  let timer;
  const count = () => (timer = setTimeout(() => toast.remove(), LIFETIME));
  const wait = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", wait);
  toast.addEventListener("focusin", wait);
  toast.addEventListener("pointerleave", count);
  toast.addEventListener("focusout", count);
  count();
}

export function adoptToasts(root) {
  for (const toast of root.querySelectorAll("#toasts > .toast")) watch(toast);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest(".toast").remove();
});

document.addEventListener("toast", (event) => say(event.detail.text, event.detail.kind));
