// Rows that can be selected, in a table with role="grid" and data-select: click one, shift+click a range, ctrl or cmd+click
// adds or takes away, a tap or a click on the tick box toggles; arrows, shift+arrows, space, ctrl+A and Esc from the keyboard.
//
// The selection is kept by row id, apart from the rows, so paging and htmx swaps do not lose it. Hidden rows count as
// not there. When more rows match than the page shows (data-total), "select all" is a flag with exceptions, never a
// list of ids.
//   - Where counting all that match costs more than a page, data-more="1" says that there are more than the page shows, and
//     data-count-url is asked how many (as JSON {"count"}) when somebody selects all.
//   - The grid fires `selection` with {size, all, ids}.
//   - [data-selected-count="GRID-ID"] says how many; [data-needs-selection="GRID-ID"] buttons are shut while none are.
//   - A form with data-selection="GRID-ID" sends along `id` for each selected row, or all=1, the grid's data-filter as
//     `filter`, and `except` for each exception.
const LEAP = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
const adopted = new Map(); // grid id: Selection

export const selectionOf = (gridId) => adopted.get(gridId);

export function adoptGrids(root) {
  for (const grid of root.querySelectorAll("[data-select]")) {
    const known = adopted.get(grid.id);
    if (known?.grid === grid) known.repaint();
    else adopted.set(grid.id, new Selection(grid, known));
  }
}

class Selection {
  constructor(grid, predecessor) {
    this.grid = grid;
    this.all = predecessor?.all ?? false;
    this.marked = predecessor?.marked ?? new Set(); // the selected ids; when `all`, the exceptions
    this.anchor = null;
    grid.addEventListener("mousedown", (event) => {
      if (event.shiftKey) event.preventDefault(); // else shift+click selects text
    });
    grid.addEventListener("click", (event) => this.clicked(event));
    grid.addEventListener("keydown", (event) => this.pressed(event));
    grid.addEventListener("htmx:after:swap", () => this.repaint());
    new MutationObserver(() => this.repaint()).observe(grid, { childList: true, subtree: true });
    this.repaint();
  }

  get rows() {
    return [...this.grid.querySelectorAll("tbody tr[data-id]:not([hidden])")];
  }

  // Infinity: more than the page shows, and not counted yet.
  get total() {
    if (this.grid.dataset.more && this.grid.dataset.total === undefined) return Infinity;
    return Math.max(Number(this.grid.dataset.total ?? 0), this.rows.length);
  }

  get size() {
    return this.all ? this.total - this.marked.size : this.marked.size;
  }

  has(id) {
    return this.all !== this.marked.has(id);
  }

  set(id, wanted) {
    if (wanted === this.all) this.marked.delete(id);
    else this.marked.add(id);
  }

  clear() {
    this.all = false;
    this.marked.clear();
    this.anchor = null;
    this.repaint();
  }

  async countAll() {
    const answer = await fetch(this.grid.dataset.countUrl);
    if (!answer.ok) return;
    this.grid.dataset.total = (await answer.json()).count;
    this.repaint();
  }

  selectAll() {
    this.marked.clear();
    this.all = this.rows.length < this.total;
    if (this.total === Infinity) this.countAll();
    if (!this.all) for (const row of this.rows) this.marked.add(row.dataset.id);
    this.repaint();
  }

  only(row) {
    this.all = false;
    this.marked.clear();
    this.marked.add(row.dataset.id);
  }

  range(to, keep) {
    const rows = this.rows;
    const end = rows.indexOf(to);
    const start = rows.findIndex((row) => row.dataset.id === this.anchor);
    if (!keep) {
      this.all = false;
      this.marked.clear();
    }
    const from = start < 0 ? end : start; // the anchor's row may have gone
    for (const row of rows.slice(Math.min(from, end), Math.max(from, end) + 1)) this.set(row.dataset.id, true);
  }

  focus(row) {
    for (const other of this.rows) other.tabIndex = other === row ? 0 : -1;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  clicked(event) {
    if (event.target.closest("[data-select-all]")) {
      if (this.size === this.total) this.clear();
      else this.selectAll();
      return;
    }
    const row = event.target.closest("tbody tr[data-id]");
    if (!row || event.target.closest("a, button, input, select, summary")) return;
    const toggles = event.ctrlKey || event.metaKey || event.pointerType === "touch" || event.target.closest(".pick");
    if (event.shiftKey) {
      this.range(row, event.ctrlKey || event.metaKey);
    } else {
      if (toggles) this.set(row.dataset.id, !this.has(row.dataset.id));
      else this.only(row);
      this.anchor = row.dataset.id;
    }
    this.focus(row);
    this.repaint();
  }

  pressed(event) {
    const row = event.target;
    if (!row.matches("tbody tr[data-id]")) return;
    if (event.key in LEAP) this.step(row, event);
    else if (event.key === " ") {
      this.set(row.dataset.id, !this.has(row.dataset.id));
      this.anchor = row.dataset.id;
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) this.selectAll();
    else if (event.key === "Escape") this.clear();
    else if (event.key === "Enter") row.querySelector("a")?.click();
    else return;
    event.preventDefault();
    this.repaint();
  }

  step(row, event) {
    const rows = this.rows;
    const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + LEAP[event.key]))];
    this.focus(next);
    if (event.shiftKey) {
      this.anchor ??= row.dataset.id;
      this.range(next, false);
    } else {
      this.anchor = next.dataset.id;
    }
  }

  // Rows that are no longer there cannot stay selected when the page shows every row.
  forgetGone(rows) {
    if (this.all || rows.length < this.total) return;
    const here = new Set(rows.map((row) => row.dataset.id));
    for (const id of this.marked) if (!here.has(id)) this.marked.delete(id);
  }

  repaint() {
    const rows = this.rows;
    this.forgetGone(rows);
    for (const row of rows) row.setAttribute("aria-selected", String(this.has(row.dataset.id)));
    if (rows.length && !rows.some((row) => row.tabIndex === 0)) rows[0].tabIndex = 0;
    const size = this.size;
    this.grid.classList.toggle("picking", size > 0);
    const button = this.grid.querySelector("[data-select-all]");
    button?.setAttribute("aria-pressed", size === 0 ? "false" : size === this.total ? "true" : "mixed");
    this.tell(size);
  }

  words() {
    const { size } = this;
    if (size === 0) return "None selected";
    const number = size === Infinity ? "that match" : size.toLocaleString("en");
    return this.all && !this.marked.size ? `All ${number} selected` : `${number} selected`;
  }

  tell(size) {
    const note = `${size}/${this.all}/${[...this.marked].join()}`;
    if (note !== this.told) {
      this.told = note;
      this.grid.dispatchEvent(
        new CustomEvent("selection", { bubbles: true, detail: { size, all: this.all, ids: [...this.marked] } }),
      );
    }
    const words = this.words();
    for (const output of document.querySelectorAll(`[data-selected-count="${this.grid.id}"]`)) {
      if (output.textContent !== words) output.textContent = words;
    }
    for (const button of document.querySelectorAll(`[data-needs-selection="${this.grid.id}"]`)) button.disabled = size === 0;
  }
}

// Fires for plain submits and for htmx alike: both build a FormData of the form.
document.addEventListener("formdata", (event) => {
  const selection = adopted.get(event.target.dataset.selection);
  if (!selection) return;
  if (selection.all) {
    event.formData.append("all", "1");
    event.formData.append("filter", selection.grid.dataset.filter ?? "");
  }
  for (const id of selection.marked) event.formData.append(selection.all ? "except" : "id", id);
});
