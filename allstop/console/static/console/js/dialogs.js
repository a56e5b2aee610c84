// Dialogs are native <dialog>: showModal() brings the focus trap, Esc and the inert page. Two ways to get one:
// - htmx swaps a fragment with <dialog data-open> into #dialogs: it opens at once, and goes away when closed;
// - <button data-dialog="some-id"> opens a dialog that is already in the page.
// A response with `HX-Trigger: dialog:close` closes the open ones. [data-close] inside a dialog closes it.
const place = document.querySelector("#dialogs");
let opener = null; // where the focus goes back to, also when one dialog was swapped for the next

function remember() {
  if (!document.querySelector("dialog[open]") && document.activeElement !== document.body) opener = document.activeElement;
}

function giveBack() {
  if (document.querySelector("dialog[open]")) return;
  const target = opener?.isConnected ? opener : document.getElementById(opener?.id ?? "");
  target?.focus();
  opener = null;
}

function open(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  // The browser has obeyed it by now. Htmx obeys it once more a moment later, and takes the focus from who has moved on.
  for (const first of dialog.querySelectorAll("[autofocus]")) first.removeAttribute("autofocus");
}

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.target === place) remember();
});

document.addEventListener("htmx:after:swap", () => {
  for (const dialog of document.querySelectorAll("dialog[data-open]")) {
    dialog.removeAttribute("data-open");
    open(dialog);
  }
  // The answer to a form in a dialog may be nothing at all: then the dialog has gone without a close event.
  if (place && opener && !place.firstElementChild) giveBack();
});

document.addEventListener("click", (event) => {
  const asks = event.target.closest("[data-dialog]");
  if (asks) {
    remember();
    open(document.getElementById(asks.dataset.dialog));
  }
  event.target.closest("[data-close]")?.closest("dialog")?.close();
});

// "close" does not bubble, so it is caught on the way down.
document.addEventListener(
  "close",
  (event) => {
    if (place?.contains(event.target)) event.target.remove();
    giveBack();
  },
  true,
);

document.addEventListener("dialog:close", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});

// Enter in a field presses a button of its form, in Chromium the next one when the first is shut. Where the buttons are
// too weighty for that ([data-no-enter]), Enter in a field does nothing.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-no-enter] input")) event.preventDefault();
});
