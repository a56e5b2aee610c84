// The Messenger: TO: as a combobox with tokens. What a token is, and what stands against it, the server says: each change is
// sent with the whole page, kept there as the draft, and TO:, the line below it and the count of parts are drawn as it answers.
//   type          proposals; arrows and Enter choose, Esc closes. Enter without one asks the server who is meant
//   paste         several at once, separated by new lines, semicolons, tabs or commas
//   arrow left, Backspace in the empty field go to the tokens; Delete or Backspace on one takes it out
import { announce, say } from "./toast.js";

const form = document.getElementById("messenger");
const input = document.getElementById("to-input");
const options = document.getElementById("to-options");
const REGIONS = ["to-tokens", "to-said", "messenger-parts"];
const PAUSE = 400; // ms without a key before what is typed is kept
const MANY = /[\n\r;,\t]/;

const tokens = () => [...document.querySelectorAll("#to-tokens [data-remove]")];

// --- talking to the server, one change after the other: each is made to what the one before left
let chain = Promise.resolve();
let waiting = 0;

function tell(change = {}) {
  waiting += 1;
  chain = chain.then(() => post(change)).finally(() => (waiting -= 1));
  return chain;
}

async function post(change) {
  const body = new FormData(form);
  body.delete("add");
  body.delete("file");
  for (const [name, value] of Object.entries(change)) body.set(name, value);
  try {
    const answer = await fetch(form.dataset.toUrl, { method: "POST", body, headers: { "X-Messenger": "1" } });
    if (answer.redirected) return location.reload(); // logged out
    if (!answer.ok) return say("The server could not do this. Reload the page: what you wrote before is kept.", "bad");
    draw(await answer.text());
  } catch {
    say("The server did not answer, so the last change is not kept. Try it again.", "bad");
  }
}

function draw(html) {
  const mould = document.createElement("template");
  mould.innerHTML = html;
  for (const id of REGIONS) {
    const old = document.getElementById(id);
    const fresh = mould.content.getElementById(id);
    if (!old || !fresh || old.outerHTML === fresh.outerHTML) continue;
    replace(old, fresh);
  }
  const subject = document.getElementById("messenger-subject");
  subject.hidden = !document.getElementById("to-said").hasAttribute("data-by-email");
  showFiles();
  rove();
}

// What is open, typed or focused inside stays so.
function replace(old, fresh) {
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  const place = tokens().indexOf(active);
  const open = old.querySelector("details")?.open;
  const count = old.querySelector("#to-count")?.textContent;
  const reason = old.querySelector("#messenger-reason")?.value;
  old.replaceWith(fresh);
  if (open) fresh.querySelector("details")?.setAttribute("open", "");
  const why = fresh.querySelector("#messenger-reason");
  if (why && reason) why.value = reason;
  const said = fresh.querySelector("#to-count")?.textContent;
  if (said && said !== count) announce(said);
  if (!active) return;
  const next = place >= 0 ? (tokens()[Math.min(place, tokens().length - 1)] ?? input) : document.getElementById(active.id);
  next?.focus();
}

// Files that are attached stay in sight, also when they could not go along with a text.
function showFiles() {
  const byEmail = document.getElementById("to-said").hasAttribute("data-by-email");
  document.getElementById("messenger-files").hidden = !byEmail && !document.querySelector("#attached [name=attachment]");
}

form?.addEventListener("attachments", () => {
  showFiles();
  tell();
});

function rove() {
  for (const [place, token] of tokens().entries()) token.tabIndex = place === 0 ? 0 : -1;
}

// --- proposals
let asked = ""; // what the proposals shown, or on their way, are for
let proposing = Promise.resolve();
let active = -1;
let pause;

const choices = () => [...options.children];

function show(html) {
  options.innerHTML = html;
  active = choices().length ? 0 : -1;
  paint();
}

function paint() {
  options.hidden = !choices().length;
  input.setAttribute("aria-expanded", String(!options.hidden));
  for (const [place, one] of choices().entries()) one.setAttribute("aria-selected", String(place === active));
  const one = choices()[active];
  if (one) input.setAttribute("aria-activedescendant", one.id);
  else input.removeAttribute("aria-activedescendant");
  one?.scrollIntoView({ block: "nearest" });
}

function close() {
  clearTimeout(pause);
  asked = "";
  show("");
}

function propose() {
  proposing = ask();
  return proposing;
}

async function ask() {
  const words = input.value.trim();
  if (!words) return close();
  asked = words;
  try {
    const answer = await fetch(`${form.dataset.suggestUrl}?q=${encodeURIComponent(words)}`);
    if (answer.ok && asked === words) show(await answer.text());
  } catch {
    show(""); // the name can be typed in full; live.js says that the server is away
  }
}

function pick(one) {
  const change = { pick: one.dataset.token };
  input.value = "";
  close();
  tell(change);
}

async function enter() {
  const words = input.value.trim();
  if (!words) return;
  clearTimeout(pause);
  if (asked !== words) propose();
  await proposing; // who is meant is not known before
  const one = choices()[active];
  if (one) return pick(one);
  input.value = "";
  close();
  tell({ add: words });
}

input?.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(propose, 120);
});

input?.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text");
  if (!MANY.test(text.trim())) return;
  event.preventDefault();
  close();
  tell({ add: text });
});

input?.addEventListener("keydown", (event) => {
  const number = choices().length;
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && number) {
    active = (active + (event.key === "ArrowDown" ? 1 : -1) + number) % number;
    paint();
  } else if (event.key === "Escape" && number) close();
  else if (event.key === "Enter") enter();
  else if ((event.key === "Backspace" || event.key === "ArrowLeft") && !input.selectionEnd && tokens().length) tokens().at(-1).focus();
  else return;
  event.preventDefault();
});

input?.addEventListener("blur", () => setTimeout(() => document.activeElement !== input && close(), 150));
options?.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
options?.addEventListener("click", (event) => {
  const one = event.target.closest("[role=option]");
  if (one) pick(one);
});

// --- tokens
form?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove], [data-clear]");
  if (!button) return event.target.matches("[data-to]") && input.focus();
  event.preventDefault();
  if (button.matches("[data-clear]")) input.focus();
  tell(button.matches("[data-clear]") ? { clear: "1" } : { remove: button.value });
});

form?.addEventListener("keydown", (event) => {
  const token = event.target.closest("[data-remove]");
  if (!token) return;
  const all = tokens();
  const at = all.indexOf(token);
  const next = { ArrowLeft: all[Math.max(0, at - 1)], ArrowRight: all[at + 1] ?? input, Home: all[0], End: input, Escape: input }[event.key];
  if (next) next.focus();
  else if (event.key === "Delete" || event.key === "Backspace") tell({ remove: token.value });
  else return;
  event.preventDefault();
});

// --- the rest of the page: kept as it is typed; what decides who gets it is asked about at once
let keep;
form?.addEventListener("input", (event) => {
  if (event.target === input || event.target.matches("[data-redraw], [type=datetime-local], [data-wording]")) return;
  clearTimeout(keep);
  keep = setTimeout(tell, event.target.matches("[type=radio], select") ? 0 : PAUSE);
});
form?.addEventListener("change", (event) => {
  if (event.target.matches("[data-redraw]")) tell();
  if (event.target.matches("[data-wording]")) word(event.target);
});

// Enter in a field sends nothing: only the two buttons do.
form?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
});

function word(select) {
  const { subject, body } = select.selectedOptions[0].dataset;
  select.selectedIndex = 0;
  if (body === undefined) return;
  const field = document.getElementById("id_body");
  field.value = field.value.trim() ? `${field.value}\n${body}` : body;
  if (subject) document.getElementById("id_subject").value = subject;
  field.focus();
  tell();
}

// Send waits for what is under way, so that it means what the page shows then.
form?.addEventListener("submit", (event) => {
  clearTimeout(keep);
  if (!waiting) return;
  event.preventDefault();
  chain.then(() => form.requestSubmit(event.submitter));
});

rove();
