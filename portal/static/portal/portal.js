/* Behavior that HTML does not give: keys, filters that apply themselves, pasting from a spreadsheet, no second press.
   Nothing here is needed to read a page or to send a form. */
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

  const rowOf = () => document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row]");

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
    else if (key === "e") rowOf()?.querySelector("[data-act]")?.click();
    else if (key === "x") rowOf()?.querySelector("[data-pick]")?.click();
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

  // where the address names a place on the page, browsers go there and leave `autofocus` alone
  if (location.hash && document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();

  // a form is sent once; the page that comes back from the browser's memory may send again
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return void event.preventDefault();
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    all("form[data-sent]").forEach((form) => delete form.dataset.sent);
    all("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });

  // The draft of an open form is kept until it is saved; files cannot be, so leaving with one chosen asks first.
  const drafts = "form[data-draft]";
  const kept = (form) => [...form.elements].filter((field) => field.name && !/^(hidden|file|submit)$/.test(field.type));
  const restore = () => all(drafts).forEach((form) => {
    if (form.dataset.restored || form.querySelector("[aria-invalid]")) return;
    form.dataset.restored = "yes";
    const draft = JSON.parse(sessionStorage.getItem(`draft:${form.getAttribute("action")}`) ?? "{}");
    kept(form).forEach((field) => { if (field.name in draft) field.value = draft[field.name]; });
    if (Object.keys(draft).length) form.dataset.dirty = "yes";
  });
  const settle = () => {
    all("[data-saved]").forEach(({ dataset: { saved } }) => {
      const path = `/my/${saved.replace("-", "/")}/`;
      Object.keys(sessionStorage).filter((key) => key.startsWith(`draft:${path}`)).forEach((key) => sessionStorage.removeItem(key));
    });
    restore();
  };
  const note = (event) => {
    const form = event.target.closest?.(drafts);
    if (!form) return;
    form.dataset.dirty = "yes";
    const values = Object.fromEntries(kept(form).map((field) => [field.name, field.value]));
    sessionStorage.setItem(`draft:${form.getAttribute("action")}`, JSON.stringify(values));
  };
  document.addEventListener("input", note);
  document.addEventListener("change", note);
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-cancel]")?.closest(drafts);
    if (form) sessionStorage.removeItem(`draft:${form.getAttribute("action")}`);
  });
  addEventListener("beforeunload", (event) => {
    if (all(`${drafts}:not([data-sent]) input[type=file]`).some((input) => input.files.length)) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", (event) => {
    settle();
    // one form is open at a time; what was typed in the other is kept
    const row = event.detail?.ctx?.target;
    const fresh = row?.id && document.getElementById(row.id);
    if (fresh?.matches(".duty.open")) {
      all(".duty.open").filter((other) => other !== fresh).forEach((other) => {
        const { pathname } = new URL(other.querySelector("form").action);
        htmx.ajax("GET", pathname.replace(/[^/]+\/$/, ""), { target: other, swap: "outerMorph" });
      });
    }
  });
  settle();

  // what is owed is asked anew when one comes back after a minute, never under an open form
  let loaded = Date.now();
  addEventListener("focus", () => {
    const list = document.querySelector("[data-refresh]");
    if (!list || Date.now() - loaded < 60000 || document.querySelector(".duty.open, [data-dirty]")) return;
    loaded = Date.now();
    htmx.ajax("GET", list.dataset.refresh, { target: list, swap: "outerMorph" });
  });

  // cells of a copied range; a cell with line breaks stands in quotes
  const range = (text) => {
    const rows = [[]];
    for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r?\n|\r|$)/g)) {
      rows.at(-1).push((quoted?.replaceAll('""', '"') ?? plain).replace(/\s+/g, " ").trim());
      if (!end) break;
      if (end !== "\t") rows.push([]);
    }
    while (rows.length && rows.at(-1).every((cell) => !cell)) rows.pop();
    return rows;
  };

  // A table of plain inputs. A pasted range fills it to the right and downward and adds rows; arrows and Enter move.
  class PasteTable extends HTMLElement {
    connectedCallback() {
      if (this.body) return;
      this.body = this.querySelector("tbody");
      this.addEventListener("paste", (event) => this.fill(event));
      this.addEventListener("keydown", (event) => this.move(event));
      // an answer to what has been changed since is thrown away: the next one is under way
      const mark = (isNewer) => () => { this.isNewer = isNewer; };
      this.addEventListener("input", mark(true));
      this.addEventListener("htmx:before:request", mark(false));
      this.addEventListener("htmx:before:swap", (event) => { if (this.isNewer) event.preventDefault(); });
    }

    cells(row) { return [...row.querySelectorAll("[data-cell]")]; }

    rowAfter(row) {
      if (row.nextElementSibling) return row.nextElementSibling;
      const n = this.body.children.length + 1;
      const fresh = row.cloneNode(true);
      fresh.id = `row-${n}`;
      fresh.className = "";
      fresh.querySelectorAll("input").forEach((input) => {
        input.value = "";
        input.removeAttribute("value");
        input.removeAttribute("aria-invalid");
        input.name = input.name.replace(/\d+$/, n);
        input.setAttribute("aria-label", input.getAttribute("aria-label")?.replace(/\d+/, n) ?? "");
      });
      fresh.querySelector("th").textContent = n;
      fresh.querySelector(".state").replaceChildren();
      this.body.append(fresh);
      return fresh;
    }

    fill(event) {
      const cell = event.target.closest("[data-cell]");
      const rows = range(event.clipboardData.getData("text/plain"));
      if (!cell || (rows.length < 2 && (rows[0]?.length ?? 0) < 2)) return;
      event.preventDefault();
      let row = cell.closest("tr");
      const from = this.cells(row).indexOf(cell);
      rows.forEach((values, at) => {
        if (at) row = this.rowAfter(row);
        const cells = this.cells(row);
        values.forEach((value, column) => { if (cells[from + column]) cells[from + column].value = value; });
      });
      this.rowAfter(row);
      this.isNewer = true; // before htmx hears of it and asks at once
      this.dispatchEvent(new CustomEvent("pasted", { bubbles: true }));
    }

    move(event) {
      const cell = event.target.closest("[data-cell]");
      if (!cell || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const row = cell.closest("tr");
      const column = this.cells(row).indexOf(cell);
      const atStart = cell.selectionEnd === 0, atEnd = cell.selectionStart === cell.value.length;
      const next = {
        Enter: () => this.cells(this.rowAfter(row))[column],
        ArrowDown: () => row.nextElementSibling && this.cells(row.nextElementSibling)[column],
        ArrowUp: () => row.previousElementSibling && this.cells(row.previousElementSibling)[column],
        ArrowLeft: () => atStart && this.cells(row)[column - 1],
        ArrowRight: () => atEnd && this.cells(row)[column + 1],
      }[event.key]?.();
      if (event.key === "Enter" || next) event.preventDefault();
      if (next) {
        next.focus();
        next.select();
      }
    }
  }
  customElements.define("paste-table", PasteTable);

  // Files: what was chosen is named, photos become small enough for a site's poor signal, sending shows how far it is.
  const LONGEST_SIDE = 1600;
  const sized = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);
  // the segment that says when and where a JPEG was taken; upright, for its pixels are drawn that way
  const exifOf = (bytes) => {
    const view = new DataView(bytes);
    for (let at = 2; at + 10 < view.byteLength && view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda; at += 2 + view.getUint16(at + 2)) {
      if (view.getUint16(at) !== 0xffe1 || view.getUint32(at + 4) !== 0x45786966) continue;
      const isLittle = view.getUint16(at + 10) === 0x4949;
      const table = at + 10 + view.getUint32(at + 14, isLittle);
      for (let entry = table + 2, left = view.getUint16(table, isLittle); left > 0; left -= 1, entry += 12) {
        if (view.getUint16(entry, isLittle) === 0x0112) view.setUint16(entry + 8, 1, isLittle);
      }
      return bytes.slice(at, at + 2 + view.getUint16(at + 2));
    }
    return new ArrayBuffer(0);
  };
  const shrunk = async (file) => {
    if (file.type !== "image/jpeg") return file;
    try {
      const image = await createImageBitmap(file);
      const scale = LONGEST_SIDE / Math.max(image.width, image.height);
      if (scale >= 1) return file;
      const canvas = Object.assign(document.createElement("canvas"), { width: image.width * scale, height: image.height * scale });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      const small = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
      if (small.size >= file.size) return file;
      const parts = [small.slice(0, 2), exifOf(await file.arrayBuffer()), small.slice(2)];
      return new File(parts, file.name, { type: file.type, lastModified: file.lastModified });
    } catch { return file; } // the server says what is wrong with it
  };
  const listOf = (drop) => (drop.nextElementSibling?.matches(".dropped") ? drop.nextElementSibling
    : drop.insertAdjacentElement("afterend", Object.assign(document.createElement("ul"), { className: "dropped note" })));
  document.addEventListener("change", async ({ target: input }) => {
    const drop = input.type === "file" && input.closest(".drop");
    if (!drop) return;
    const buttons = [...input.form.querySelectorAll("button:not([disabled])")];
    buttons.forEach((button) => { button.disabled = true; });
    const chosen = [...input.files], ready = new DataTransfer(), list = listOf(drop);
    for (const file of chosen) ready.items.add(await shrunk(file));
    input.files = ready.files;
    list.replaceChildren(...[...ready.files].map((file, at) => Object.assign(document.createElement("li"), {
      textContent: `${file.name} · ${sized(file.size)}${list.dataset.shrunk && file.size < chosen[at].size ? ` · ${list.dataset.shrunk}` : ""}`,
    })));
    buttons.forEach((button) => { button.disabled = false; });
  });
  document.addEventListener("dragover", (event) => { if (event.target.closest?.(".drop")) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    const input = event.target.closest?.(".drop")?.querySelector("input");
    if (!input || !event.dataTransfer.files.length) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target, list = form.querySelector(".dropped");
    if (event.defaultPrevented || form.hasAttribute("hx-post") || !list?.children.length) return;
    event.preventDefault();
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    const call = new XMLHttpRequest(), again = (words) => {
      delete form.dataset.sent;
      form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
      bar.replaceWith(Object.assign(document.createElement("li"), { className: "err", role: "alert", textContent: words }));
    };
    list.append(bar);
    call.upload.onprogress = ({ loaded, total }) => { bar.value = loaded / total; };
    call.onerror = () => again(list.dataset.lost);
    call.onload = () => {
      const main = new DOMParser().parseFromString(call.responseText, "text/html").querySelector("main");
      if (!main?.matches(".page")) return void again(main?.querySelector("h1 + p")?.textContent ?? list.dataset.lost);
      if (call.status < 300) history.pushState(null, "", call.responseURL);
      document.querySelector("main").replaceWith(main);
      htmx.process(main);
      main.querySelector("[aria-invalid], [role=alert], [role=status]")?.scrollIntoView({ block: "center" });
      (main.querySelector("[aria-invalid]") ?? main).focus({ preventScroll: true });
    };
    call.open("POST", form.action);
    call.send(new FormData(form, event.submitter));
  });
})();
