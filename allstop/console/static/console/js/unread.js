// The title of every page begins with how many conversations are unread for this person: "(3) Home, Allstop".
const PREFIX = /^\(\d+\+?\) /;

function show() {
  const unread = document.querySelector("#inbox-place")?.dataset.unread;
  const plain = document.title.replace(PREFIX, "");
  const wanted = unread ? `(${unread}) ${plain}` : plain;
  if (document.title !== wanted) document.title = wanted;
}

document.addEventListener("htmx:after:swap", show);
// htmx takes over the title of a page that it fetches to draw a part of this one again
new MutationObserver(show).observe(document.querySelector("title"), { childList: true });
show();
