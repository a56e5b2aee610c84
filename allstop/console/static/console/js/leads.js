// The board of leads: a card that is dropped into another column, or whose key is pressed, asks what its button asks.
// Without this file the buttons do the same.
let dragged = null;

const askFor = (card, status) => card.querySelector(`[data-to="${status}"]`);
const columnOf = (target) => target.closest?.("[data-column]");
const unmark = () => document.querySelectorAll(".leads-column.takes").forEach((column) => column.classList.remove("takes"));

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-lead]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.id);
  dragged.classList.add("is-dragged");
});

document.addEventListener("dragover", (event) => {
  const column = columnOf(event.target);
  if (!dragged || !column || !askFor(dragged, column.dataset.column)) return;
  event.preventDefault();
  unmark();
  column.classList.add("takes");
});

document.addEventListener("drop", (event) => {
  const column = columnOf(event.target);
  const button = dragged && column && askFor(dragged, column.dataset.column);
  if (!button) return;
  event.preventDefault();
  button.click();
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  unmark();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, dialog")) return;
  const status = { q: "qualified", u: "unqualified" }[event.key.toLowerCase()];
  const button = status && document.activeElement?.closest("[data-lead]")?.querySelector(`[data-to="${status}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
