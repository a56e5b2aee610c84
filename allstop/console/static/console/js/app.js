// The entry of every page: starts the parts that the page holds. Each part is a module of its own.
import "./theme-switch.js";
import "./dialogs.js";
import "./requests.js";
import "./confirm.js";
import "./unread.js";
import { start as startLive } from "./live.js";
import { adoptToasts } from "./toast.js";
import { adoptGrids } from "./select.js";
import { adoptDropzones } from "./dropzone.js";

// Parts may arrive with the page or in a fragment that htmx swaps in; adopting the same element twice does nothing.
async function adopt(root) {
  adoptToasts(root);
  adoptGrids(root);
  adoptDropzones(root);
  if (root.querySelector("[data-plot]")) {
    const { adoptPlots } = await import("./plot.js"); // uPlot is the largest file: only pages with a plot fetch it
    adoptPlots(root);
  }
}

// On a phone the tabs of Setup are wider than the page: the one that is open is shown. Only sideways: the page stays at its top.
function showOpenTab(nav) {
  const open = nav.querySelector("[aria-current]");
  if (open) nav.scrollLeft = open.offsetLeft - nav.offsetLeft - (nav.clientWidth - open.offsetWidth) / 2;
}

adopt(document);
document.querySelectorAll(".tabs").forEach(showOpenTab);
document.addEventListener("htmx:after:swap", () => adopt(document));

// Copy buttons beside ids and tokens
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const said = button.querySelector("[data-copied]");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    said.textContent = "Copied";
  } catch {
    said.textContent = "Not copied: the browser refused"; // no clipboard outside https and localhost
  }
  setTimeout(() => (said.textContent = ""), 4000);
});

startLive();
