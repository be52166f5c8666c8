/* Behavior that HTML does not give: keys, and filters that apply themselves. Nothing here is needed to read a page. */
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const busy = (event) => event.ctrlKey || event.metaKey || event.altKey || event.isComposing
    || event.target.closest("input, textarea, select, dialog, [contenteditable]");
  let leader = 0; // when `g` was pressed

  const step = (by) => {
    const rows = all("[data-row] a[data-open]");
    const at = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
  };

  addEventListener("keydown", (event) => {
    if (busy(event)) return;
    const { key } = event;
    if (Date.now() - leader < 900 && /^[a-z]$/.test(key)) {
      leader = 0;
      document.querySelector(`.nav[data-key="${key}"]`)?.click();
    } else if (key === "/") {
      event.preventDefault();
      document.querySelector(".search input")?.focus();
    } else if (key === "g") leader = Date.now();
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
  });

  document.documentElement.dataset.scripts = "on";
  const narrow = matchMedia("(max-width: 1180px)");
  const fold = () => all("details.sheet").forEach((sheet) => { sheet.open = !narrow.matches; });
  fold();
  narrow.addEventListener("change", fold);
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-facets]");
    if (!form) return;
    sessionStorage.setItem("chosen", `${event.target.name}=${event.target.value}`);
    form.requestSubmit();
  });
  // the page comes anew: the keyboard stays where it was
  const chosen = sessionStorage.getItem("chosen");
  sessionStorage.removeItem("chosen");
  if (chosen) all("form[data-facets] input").find((input) => `${input.name}=${input.value}` === chosen)?.focus();
})();
