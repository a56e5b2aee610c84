// What every request of a page has in common: a button that shows it is busy and cannot be pressed twice, and a plain
// sentence when the server does not do what was asked. 422 is a form with errors: that answer is swapped in and shown.
import { say } from "./toast.js";

const REFUSALS = {
  401: "You are logged out. Log in again to go on.",
  403: "Your role does not allow this. Nothing was changed.",
  404: "This no longer exists. Reload the page to see what does.",
  409: "Somebody changed this at the same moment. Reload the page and look again.",
  413: "The file is too large.",
  429: "Too many requests in a short time. Wait a moment and try again.",
};
const UNREACHABLE = "The server did not answer. It is not known whether it got the request: reload the page to see.";

// Busy, not disabled: a disabled button would lose the focus.
function setBusy(element, busy, pressed) {
  const button = pressed ?? element.querySelector("button:not([type=button])");
  for (const one of element.matches("form") ? [element, button] : [element]) {
    if (busy) one?.setAttribute("aria-busy", "true");
    else one?.removeAttribute("aria-busy");
  }
}

// What is busy takes no second press, neither by mouse nor by Enter in a field.
function ignoreSecond(event) {
  const asked = event.type === "submit" ? event.target : event.target.closest("button, a");
  if (asked?.getAttribute("aria-busy") !== "true") return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
document.addEventListener("click", ignoreSecond, true);
document.addEventListener("submit", ignoreSecond, true);

// Plain forms. [data-stays] is a form whose answer is a file to keep, so the page never goes away.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[data-stays]")) return;
  setBusy(form, true, event.submitter);
});
// Back from the browser's page cache, nothing is on its way any more.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const element of document.querySelectorAll("[aria-busy]")) element.removeAttribute("aria-busy");
});

// Requests by htmx
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => setBusy(ctx.sourceElement, true, ctx.sourceEvent?.submitter));
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => setBusy(ctx.sourceElement, false, ctx.sourceEvent?.submitter));

document.addEventListener("htmx:before:response", (event) => {
  const { response } = event.detail.ctx;
  // A session that has ended answers with the log-in page. That belongs in the window, not in a part of this page; and
  // where something was pressed, it says that it was not done.
  if (response.raw.redirected && response.raw.headers.get("content-type")?.startsWith("text/html")) {
    const login = document.body.dataset.login;
    if (login && new URL(response.raw.url).pathname === login) {
      event.preventDefault();
      if (new URL(response.raw.url).searchParams.has("undone")) location.assign(response.raw.url);
      else location.reload();
    }
  }
});

// A request that had to wait for the one before it was made for a part of the page which that one's answer has replaced
// since. What now bears the same id stands in its place; without this the answer would be dropped without a word.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.target?.isConnected === false && ctx.target.id) ctx.target = document.getElementById(ctx.target.id) ?? ctx.target;
});

document.addEventListener("htmx:response:error", (event) => {
  const { status } = event.detail.ctx.response;
  if (status === 422) return;
  say(REFUSALS[status] ?? `The server could not do this (error ${status}). Nothing is known to have changed.`, "bad");
});

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx?.response) say(UNREACHABLE, "bad");
});
