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

// On paper there is nothing to open.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const each of closed) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of closed) each.open = false;
});
