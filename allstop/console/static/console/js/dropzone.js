// A file field on which a file can also be dropped. The input stays a real one, so the form works without this script.
// data-max-bytes on the input: larger files are refused before they are sent. Its `accept` is checked on drop as well,
// because browsers apply it only in their own file dialog.
export function adoptDropzones(root) {
  for (const zone of root.querySelectorAll("[data-dropzone]:not([data-adopted])")) adopt(zone);
}

const size = (bytes) =>
  bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3)).toLocaleString()} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

function fault(input, file) {
  const endings = input.accept.split(",").map((ending) => ending.trim().toLowerCase()).filter((ending) => ending.startsWith("."));
  if (endings.length && !endings.some((ending) => file.name.toLowerCase().endsWith(ending))) {
    return `${file.name} is not one of ${endings.join(", ")}.`;
  }
  const most = Number(input.dataset.maxBytes);
  if (most && file.size > most) return `${file.name} is ${size(file.size)}; at most ${size(most)} can be taken.`;
  if (file.size === 0) return `${file.name} is empty.`;
  return "";
}

function adopt(zone) {
  zone.dataset.adopted = "1";
  const input = zone.querySelector("input[type=file]");
  const name = zone.querySelector("[data-drop-name]");
  const line = zone.querySelector("[data-drop-line]");
  const error = document.getElementById(`${input.id}_error`);
  const before = { name: name.textContent, line: line.textContent };
  let depth = 0; // dragenter and dragleave also fire for children

  const show = () => {
    const [file] = input.files;
    const problem = file ? fault(input, file) : "";
    input.setCustomValidity(problem);
    input.toggleAttribute("aria-invalid", false);
    if (problem) input.setAttribute("aria-invalid", "true");
    error.textContent = problem;
    error.hidden = !problem;
    zone.classList.toggle("chosen", Boolean(file) && !problem);
    name.textContent = file ? file.name : before.name;
    line.textContent = file ? `${size(file.size)}. Choose or drop another file to replace it.` : before.line;
  };

  input.addEventListener("change", show);
  zone.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    zone.classList.add("over");
  });
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth === 0) zone.classList.remove("over");
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    zone.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
