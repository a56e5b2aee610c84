// The choice of theme in the member's menu: system, light or dark, kept in this browser and shared by its tabs.
const KEY = "allstop-theme";
const root = document.documentElement;

function apply(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
  for (const choice of document.querySelectorAll("[data-theme-choice]")) choice.checked = choice.value === theme;
  document.dispatchEvent(new CustomEvent("theme")); // plots are painted on a canvas and must be told
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-theme-choice]")) return;
  const theme = event.target.value;
  if (theme === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  apply(theme);
});

addEventListener("storage", (event) => {
  if (event.key === KEY) apply(event.newValue ?? "system");
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("theme")));

for (const choice of document.querySelectorAll("[data-theme-choice]")) {
  choice.checked = choice.value === (localStorage.getItem(KEY) ?? "system");
}
