// Sets the remembered theme before the first paint, so that a dark page never flashes white. A classic script in <head>,
// because modules run too late. "system" is the absence of a choice.
(() => {
  "use strict";
  const remembered = localStorage.getItem("allstop-theme");
  if (remembered === "light" || remembered === "dark") document.documentElement.dataset.theme = remembered;
})();
