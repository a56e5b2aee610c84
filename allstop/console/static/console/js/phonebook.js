// The Phonebook: rows dragged onto a group, rows drawn again when somebody changes them, and a list that never ends.
// What is selected is known to select.js; what a drop does is a form beside the group, so it is the same as a button's.
import { selectionOf } from "./select.js";

const GRID = "contacts-grid";
const MOST_ROWS = 1000; // in the page; above that the first ones are let go
const KIND = "application/x-allstop-contacts";
const grid = document.getElementById(GRID);
const body = grid?.tBodies[0];

const rowsHere = () => [...(body?.querySelectorAll("tr[data-id]") ?? [])];

// --- filters that are drop-down lists
for (const select of document.querySelectorAll("[data-submits]")) select.addEventListener("change", () => select.form.requestSubmit());

// --- select all, from the toolbar
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-select-all-of]")) selectionOf(GRID)?.selectAll();
  const menu = event.target.closest(".tools-menu button") && event.target.closest(".tools-menu");
  if (menu) requestAnimationFrame(() => menu.hidePopover()); // after the form that it is in was sent
});

// --- drag and drop
grid?.addEventListener("dragstart", (event) => {
  const row = event.target.closest("tr[data-id]");
  const selection = selectionOf(GRID);
  if (!row || !selection) return;
  if (!selection.has(row.dataset.id)) {
    selection.only(row);
    selection.repaint();
  }
  const ghost = document.createElement("div");
  ghost.className = "drag-ghost";
  ghost.textContent = selection.words();
  document.body.append(ghost);
  event.dataTransfer.setDragImage(ghost, -12, -12);
  event.dataTransfer.setData(KIND, "selection");
  event.dataTransfer.effectAllowed = "copy";
  requestAnimationFrame(() => ghost.remove());
});

const targetOf = (event) => (event.dataTransfer?.types.includes(KIND) ? event.target.closest("[data-drop]") : null);

document.addEventListener("dragover", (event) => {
  const target = targetOf(event);
  for (const one of document.querySelectorAll("[data-drop].over")) if (one !== target) one.classList.remove("over");
  if (!target) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  target.classList.add("over");
});
document.addEventListener("dragend", () => {
  for (const one of document.querySelectorAll("[data-drop].over")) one.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  const target = targetOf(event);
  if (!target) return;
  event.preventDefault();
  target.classList.remove("over");
  document.getElementById(target.dataset.drop).requestSubmit();
});

// --- the circle's menu from the keyboard: M on a row
grid?.addEventListener("keydown", (event) => {
  if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey || !event.target.matches("tr[data-id]")) return;
  event.preventDefault();
  event.target.querySelector("[data-circle]")?.click();
});

// --- what somebody changes is drawn again, row by row: the place in the list and the focus stay
let asking = false;
let askAgain = false;
async function redraw() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  const inSight = rowsHere().filter((row) => row.getBoundingClientRect().bottom > -2000 && row.getBoundingClientRect().top < innerHeight + 2000);
  const form = new FormData();
  const asked = inSight.slice(0, 400);
  for (const row of asked) form.append("id", row.dataset.id);
  form.append("filter", grid.dataset.filter);
  const token = JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];
  try {
    const answer = await fetch(grid.dataset.rowsUrl, { method: "POST", body: new URLSearchParams(form), headers: { "X-CSRFToken": token } });
    if (answer.ok) put(await answer.text(), asked);
  } catch {
    // the server is away: live.js says so, and asks again when it is back
  }
  asking = false;
  if (askAgain) {
    askAgain = false;
    redraw();
  }
}

function put(html, asked) {
  const mould = document.createElement("template");
  mould.innerHTML = `<table><tbody>${html}</tbody></table>`;
  const rows = [...mould.content.querySelectorAll("tr[data-id]")];
  show(asked, new Set(rows.map((row) => row.id)));
  for (const fresh of rows) {
    const old = document.getElementById(fresh.id);
    if (!old || old.cells.length !== fresh.cells.length) continue;
    for (const [place, cell] of [...fresh.cells].entries()) {
      if (old.cells[place].innerHTML === cell.innerHTML) continue;
      old.cells[place].replaceWith(cell.cloneNode(true));
      window.htmx.process(old.cells[place]);
    }
  }
}

// Whom the filter no longer shows is hidden, not gone: an undo shows them again. Nothing that is out of sight stays selected.
function show(asked, matching) {
  const selection = selectionOf(GRID);
  const leaving = asked.filter((row) => !row.hidden && !matching.has(row.id));
  const focused = leaving.find((row) => row === document.activeElement);
  for (const row of asked) row.hidden = !matching.has(row.id);
  if (leaving.length && selection) {
    if (selection.all) selection.clear();
    else for (const row of leaving) selection.set(row.dataset.id, false);
    selection.repaint();
  }
  if (focused) {
    const rows = rowsHere();
    const next = rows.find((row) => !row.hidden && rows.indexOf(row) > rows.indexOf(focused)) ?? rows.findLast((row) => !row.hidden);
    if (next) selection?.focus(next);
  }
}

grid?.addEventListener("refresh", redraw);
document.addEventListener("contacts:changed", redraw);

// --- a list that is scrolled for long lets its first rows go; the browser keeps the place
document.addEventListener("htmx:after:swap", () => {
  const rows = rowsHere();
  for (const row of rows.slice(0, Math.max(0, rows.length - MOST_ROWS))) if (row !== document.activeElement) row.remove();
});
