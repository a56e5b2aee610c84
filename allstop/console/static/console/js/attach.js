// Files of an email: what is chosen is uploaded at once, so that a list with sizes stands below the field; the form then
// names them by their ids. Without scripts they travel with the form. Saved wording brings its files along (data-files).
// Told to the page: "attachments", when the list has changed.
import { announce, say } from "./toast.js";

const place = document.querySelector("[data-attaches]");
const input = place?.querySelector("input[type=file]");
const list = () => document.getElementById("attached");
const ids = () => [...list().querySelectorAll("[name=attachment]")].map((one) => one.value);

let chain = Promise.resolve(); // one after the other: each adds to what the one before left

function tell(change) {
  chain = chain.then(() => post(change));
  return chain;
}

async function post({ files = [], more = [], detach = "" }) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", place.closest("form").querySelector("[name=csrfmiddlewaretoken]").value);
  for (const id of new Set([...ids(), ...more])) body.append("attachment", id);
  for (const file of files) body.append("file", file);
  if (detach) body.set("detach", detach);
  place.toggleAttribute("aria-busy", files.length > 0);
  try {
    const answer = await fetch(place.dataset.attachUrl, { method: "POST", body });
    if (answer.redirected) return location.reload(); // logged out
    if (!answer.ok) return say("The server could not take this. Reload the page and attach it again.", "bad");
    draw(await answer.text(), detach);
  } catch {
    say("The server did not answer, so the file is not attached. Try it again.", "bad");
  } finally {
    place.removeAttribute("aria-busy");
  }
}

function draw(html, detach) {
  const before = ids().length;
  const mould = document.createElement("template");
  mould.innerHTML = html;
  list().replaceWith(mould.content.querySelector("#attached"));
  const now = ids().length;
  if (now !== before) announce(now ? `${now} ${now === 1 ? "file" : "files"} attached.` : "No files attached.");
  if (detach) (list().querySelector("[data-detach]") ?? input).focus();
  place.dispatchEvent(new CustomEvent("attachments", { bubbles: true, detail: now }));
}

input?.addEventListener("change", (event) => {
  const files = [...input.files];
  input.value = ""; // they are on their way: the form must not send them again
  event.stopPropagation();
  if (files.length) tell({ files });
});
input?.addEventListener("input", (event) => event.stopPropagation());

place?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-detach]");
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  tell({ detach: button.value });
});

// Saved wording: before the page's own listener, which may forget what was chosen.
document.addEventListener(
  "change",
  (event) => {
    const files = event.target.matches?.("select") && event.target.selectedOptions[0]?.dataset.files;
    if (place && files) tell({ more: files.split(" ") });
  },
  true,
);

// Send waits for what is under way.
place?.closest("form").addEventListener("submit", (event) => {
  if (!place.hasAttribute("aria-busy")) return;
  event.preventDefault();
  const { submitter } = event;
  chain.then(() => place.closest("form").requestSubmit(submitter));
});
