"use strict";

// navigator.clipboard is missing where a page is opened from a disk in some browsers.
function copyPlainly(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("refused");
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyPlainly(text);
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const status = button.parentElement.querySelector("[role=status]");
  button.addEventListener("click", async () => {
    const code = document.getElementById(button.dataset.copy);
    try {
      await copy(code.textContent);
      button.focus();
      status.textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(code);
      status.textContent = "The browser does not let a page copy; the program is selected.";
    }
  });
}

// --- tables that are searched, filtered and sorted ---

function words(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

function caseOf(row) {
  return row.dataset.case ? document.getElementById(row.dataset.case) : null;
}

// More rows than these are shown only to whoever asks for them.
const MOST = 300;

function startList(list) {
  const tools = list.querySelector(".tools");
  const filters = [...tools.querySelectorAll("[data-filter]")];
  const search = tools.querySelector("input");
  const rows = [...list.querySelectorAll("tbody tr")];
  const texts = new Map(rows.map(row =>
    [row, `${row.textContent} ${caseOf(row)?.textContent ?? ""}`.toLowerCase()]));
  const all = tools.querySelector("[data-all]");
  let most = MOST;
  const cases = new Set(rows.map(caseOf).filter(Boolean));
  const columns = tools.querySelector("[data-columns]");

  // A row has one value for a filter, or one for each of the columns.
  function values(row, name) {
    const all = row.dataset[name].split("|");
    return columns?.value && all.length > 1 ? [all[columns.value]] : all;
  }

  function show() {
    const wanted = words(search.value);
    const found = rows.filter(row => wanted.every(word => texts.get(row).includes(word))
      && filters.every(each => !each.value || values(row, each.dataset.filter).includes(each.value)));
    const shown = new Set(found.slice(0, most));
    for (const row of rows) row.hidden = !shown.has(row);
    const left = new Set(found.map(caseOf));
    for (const each of cases) each.hidden = !left.has(each);
    const cut = found.length > most;
    all.hidden = !cut;
    tools.querySelector("[role=status]").textContent
      = `${found.length} of ${rows.length}${cut ? `, the first ${most} are shown` : ""}`;
  }

  for (const each of [search, ...filters]) each.addEventListener("input", show);
  columns?.addEventListener("input", () => {
    for (const cell of list.querySelectorAll("[data-column]")) {
      cell.hidden = columns.value !== "" && cell.dataset.column !== columns.value;
    }
    show();
  });
  all.addEventListener("click", () => {
    most = Infinity;
    show();
  });
  const opener = tools.querySelector("[data-open]");
  opener.hidden = !cases.size;
  opener.addEventListener("click", () => {
    const shut = [...cases].filter(each => !each.hidden).map(each => each.querySelector("details"));
    const open = shut.some(each => !each.open);
    for (const each of shut) each.open = open;
    opener.textContent = open ? "Close all" : "Open all";
  });
  startSorting(list, rows, show);
  tools.hidden = false;
  show();
}

// Sorts the rows in place, and on the page.
function startSorting(list, rows, show) {
  const heads = [...list.querySelectorAll("thead th")];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => row.cells[column].textContent.trim();
      const order = new Intl.Collator("en", { numeric: true });
      rows.sort((a, b) => (down ? -1 : 1) * order.compare(key(a), key(b)));
      rows[0]?.parentElement.append(...rows);
      show();
    });
  });
}

for (const list of document.querySelectorAll("[data-list]")) startList(list);

// What a link leads to is open.
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let each = target; each; each = each.parentElement) {
    each.hidden = false;
    if (each.tagName === "DETAILS") each.open = true;
  }
  target.scrollIntoView();
}
addEventListener("hashchange", openTarget);
addEventListener("click", event => {
  if (event.target.closest?.("a[href^='#']")?.hash === location.hash) openTarget();
});
openTarget();

// On paper there is nothing to open.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const each of closed) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of closed) each.open = false;
});
