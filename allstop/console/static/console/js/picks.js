// Single messages of a group on the page that plans a START: shift+click ticks a range, ctrl+A in the list all of it, and
// two buttons tick or untick all. Each tells the form that it changed, so that the preview is asked for again.
const boxesIn = (place) => [...place.querySelectorAll("input[type=checkbox]")];
let anchor = null;

function tell(place) {
  const boxes = boxesIn(place);
  const ticked = boxes.filter((box) => box.checked).length;
  const output = place.querySelector("[data-picked]");
  if (output) output.textContent = `${ticked ? ticked.toLocaleString("en") : "None"} of the ${boxes.length.toLocaleString("en")} shown ticked`;
}

function tickAll(place, wanted) {
  for (const box of boxesIn(place)) box.checked = wanted;
  tell(place);
  place.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-picks]");
  if (!place) return;
  const button = event.target.closest("[data-pick]");
  if (button) return tickAll(place, button.dataset.pick === "all");
  if (!event.target.matches("input[type=checkbox]")) return;
  const boxes = boxesIn(place);
  const [from, to] = [boxes.indexOf(anchor), boxes.indexOf(event.target)];
  if (event.shiftKey && from >= 0) {
    for (const box of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) box.checked = event.target.checked;
  }
  anchor = event.target;
  tell(place);
});

// START is one deliberate press, never the Enter of a field. Chromium takes the next button when the first one is shut.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("#start-form input")) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  const place = event.target.closest("[data-picks]");
  if (!place || event.key !== "a" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  tickAll(place, true);
});

document.addEventListener("htmx:after:swap", () => document.querySelectorAll("[data-picks]").forEach(tell));
