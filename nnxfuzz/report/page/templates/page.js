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

function startList(list) {
  const tools = list.querySelector(".tools");
  const filters = [...tools.querySelectorAll("[data-filter]")];
  const search = tools.querySelector("input");
  const rows = [...list.querySelectorAll("tbody tr")];
  const texts = rows.map(row => `${row.textContent} ${caseOf(row)?.textContent ?? ""}`.toLowerCase());

  function show() {
    const wanted = words(search.value);
    let count = 0;
    rows.forEach((row, k) => {
      const there = wanted.every(word => texts[k].includes(word))
        && filters.every(each => !each.value || row.dataset[each.dataset.filter] === each.value);
      count += there;
      for (const each of [row, caseOf(row)]) if (each) each.hidden = !there;
    });
    tools.querySelector("[role=status]").textContent = `${count} of ${rows.length}`;
  }

  for (const each of [search, ...filters]) each.addEventListener("input", show);
  const opener = tools.querySelector("[data-open]");
  opener.hidden = !rows.some(caseOf);
  opener.addEventListener("click", () => {
    const shut = rows.filter(row => !row.hidden).map(row => caseOf(row)?.querySelector("details")).filter(Boolean);
    const open = shut.some(each => !each.open);
    for (const each of shut) each.open = open;
    opener.textContent = open ? "Close all" : "Open all";
  });
  startSorting(list, rows);
  tools.hidden = false;
  show();
}

function startSorting(list, rows) {
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
      const sorted = rows.toSorted((a, b) => key(a).localeCompare(key(b), "en", { numeric: true }));
      rows[0]?.parentElement.append(...(down ? sorted.reverse() : sorted));
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
