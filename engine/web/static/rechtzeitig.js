// Improves pages that work without it: printing, copying, saving a draft, the place of an error.
"use strict";

// An error summary is read first, wherever the page would otherwise begin.
document.querySelector("[data-focus]")?.focus();

// On small screens rows become cards; some browsers then forget that they are a table's.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TH: "columnheader", TD: "cell" };
for (const table of document.querySelectorAll(".rz-cards table, .rz-strip")) {
  for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")]) {
    part.setAttribute("role", part.scope === "row" ? "rowheader" : ROLES[part.tagName]);
  }
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.querySelector(".kern-label");
  const before = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      const plain = source.innerText.trim();
      const rich = button.dataset.copyRich !== undefined && "ClipboardItem" in window;
      const as = (words, type) => new Blob([words], { type });
      await (rich
        ? navigator.clipboard.write([new ClipboardItem({ "text/plain": as(plain, "text/plain"), "text/html": as(source.innerHTML, "text/html") })])
        : navigator.clipboard.writeText(plain));
    } catch {
      // Without a secure connection browsers give no clipboard: the text is marked instead.
      return window.getSelection().selectAllChildren(source);
    }
    label.textContent = button.dataset.copied;
    label.setAttribute("role", "status");
    setTimeout(() => (label.textContent = before), 4000);
  });
}

// A form with data-autosave sends itself a little after the last key, and before the page is left.
const PAUSE = 1500;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = form.querySelector("[data-autosave-status]");
  let timer = 0;
  let unsaved = false;

  const fields = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return new URLSearchParams(data);
  };

  const save = async (leaving = false) => {
    clearTimeout(timer);
    if (!unsaved) return;
    unsaved = false;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: fields(),
        credentials: "same-origin",
        keepalive: leaving,
        redirect: "error",
      });
      if (!answer.ok) throw new Error(answer.status);
      const words = await answer.text();
      if (status) status.textContent = words;
    } catch {
      unsaved = true;
      if (status) status.textContent = form.dataset.autosaveFailed;
    }
  };

  form.addEventListener("input", () => {
    unsaved = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    unsaved = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
}
