// The Inbox: J, K and the arrows go through the list, Enter opens; a thread begins at its newest line; what somebody
// opens counts as read, once, and what comes in afterwards stays unread until they press Read or answer.
const rows = () => [...document.querySelectorAll("[data-inbox-rows] a")];
const isTyping = (target) => target.closest?.("input, textarea, select, dialog, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const step = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const links = rows();
  const here = links.findIndex((link) => link === document.activeElement);
  // the arrows also scroll: they are ours only in the list
  if (event.key.startsWith("Arrow") && here < 0) return;
  const chosen = links.findIndex((link) => link.hasAttribute("aria-current"));
  const from = here < 0 ? (chosen < 0 ? (step > 0 ? -1 : 1) : chosen) : here;
  const next = links[Math.min(links.length - 1, Math.max(0, from + step))];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

for (const control of document.querySelectorAll("input[data-submits]")) control.addEventListener("change", () => control.form.requestSubmit());
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submits]")) event.target.form.requestSubmit();
});

// --- the newest line in sight: at first, and when something comes in while one looks at the end
const thread = () => document.querySelector("#thread");
let isAtEnd = true;
const toEnd = () => {
  const pane = thread();
  if (pane && isAtEnd) pane.scrollTop = pane.scrollHeight;
};
document.addEventListener(
  "scroll",
  (event) => {
    if (event.target === thread()) isAtEnd = event.target.scrollHeight - event.target.scrollTop - event.target.clientHeight < 60;
  },
  true,
);
document.addEventListener("htmx:after:swap", toEnd);
toEnd();

// --- opened is read
function readAtOnce() {
  const form = document.querySelector("[data-read-at-once]");
  if (!form || document.hidden) return;
  delete form.dataset.readAtOnce;
  form.requestSubmit();
}
document.addEventListener("visibilitychange", readAtOnce);
addEventListener("load", readAtOnce);
if (document.readyState === "complete") readAtOnce();

// --- a subject and files are for emails; files that are attached stay in sight
const channel = document.querySelector("#answer-channel");
function showSubject() {
  const byEmail = channel.value === "email";
  document.querySelector(".answer-subject")?.toggleAttribute("hidden", !byEmail);
  const hasFiles = document.querySelector("#attached [name=attachment]");
  document.querySelector(".answer-files")?.toggleAttribute("hidden", !byEmail && !hasFiles);
}
if (channel) {
  channel.addEventListener("change", showSubject);
  document.addEventListener("attachments", showSubject);
  showSubject();
}
