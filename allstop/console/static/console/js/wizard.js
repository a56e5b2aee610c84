// The setup wizard: the buttons that scroll a list, and a word before one leaves what is not finished.

// <button data-scroll="#list" data-by="-1">: a line up or down.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-scroll]");
  if (!button) return;
  const list = document.querySelector(button.dataset.scroll);
  const line = list?.querySelector("tbody tr");
  list?.scrollBy({ top: Number(button.dataset.by) * (line?.offsetHeight ?? 40) });
});

// #setup-page[data-unfinished="/setup/..."]: something was chosen and is not in force yet. Its own forms and the pages
// below that address are no leaving; for everything else the browser asks.
let staysInside = false;
document.addEventListener("submit", () => (staysInside = true), true);
document.addEventListener("click", (event) => {
  const wizard = document.querySelector("[data-unfinished]")?.dataset.unfinished;
  const link = event.target.closest("a[href]");
  if (wizard && link) staysInside = new URL(link.href, location.href).pathname.startsWith(wizard);
});
document.addEventListener("htmx:before:response", (event) => {
  const { headers } = event.detail.ctx.response.raw;
  if (headers.has("HX-Redirect") || headers.has("HX-Refresh")) staysInside = true;
});
addEventListener("pageshow", () => (staysInside = false));
addEventListener("beforeunload", (event) => {
  if (!staysInside && document.querySelector("[data-unfinished]")) event.preventDefault();
});
