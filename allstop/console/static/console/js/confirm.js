// The typed word: <input data-confirm="CONFIRM"> in a form keeps [data-confirmed] buttons of that form shut until the
// exact word stands there. `confirm` and `Confirm` do not count. The server asks again; this only saves a round trip.
document.addEventListener("input", (event) => {
  const { confirm } = event.target.dataset;
  if (confirm === undefined) return;
  for (const button of event.target.form.querySelectorAll("[data-confirmed]")) {
    button.disabled = event.target.value !== confirm;
  }
});
