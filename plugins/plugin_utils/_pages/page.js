"use strict";
// Search and sort what the page has; without this script it is all there, in the order in which it was written.
(() => {
  const search = document.querySelector(".search");
  const field = search.querySelector("input");
  const told = search.querySelector("output");
  const parts = [...document.querySelectorAll(".part")];
  // What stands over a row is said of it, too.
  const rows = parts.flatMap((part) => {
    const over = part.querySelector("h2").textContent;
    return [...part.querySelectorAll("[data-row]")].map((row) => [row, `${over} ${row.textContent}`.toLowerCase()]);
  });

  const find = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    for (const part of parts) {
      part.hidden = words.length > 0 && !part.querySelector("[data-row]:not([hidden])");
    }
    told.textContent = words.length ? `${shown} of ${rows.length} shown` : "";
  };

  const sort = (heading) => {
    const body = heading.closest("table").tBodies[0];
    const descending = heading.getAttribute("aria-sort") === "ascending";
    for (const other of heading.parentElement.children) {
      other.removeAttribute("aria-sort");
    }
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const text = (row) => row.cells[heading.cellIndex].textContent.trim();
    const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
    const sorted = [...body.rows].sort((one, other) => compare(text(one), text(other)));
    body.append(...(descending ? sorted.reverse() : sorted));
  };

  const fromAddress = () => {
    const wanted = new URLSearchParams(location.hash.slice(1)).get("search");
    if (wanted !== null) {
      field.value = wanted;
      find();
    }
  };

  for (const heading of document.querySelectorAll("thead th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading));
    heading.append(button);
  }
  if (rows.length > 0) {
    search.hidden = false;
    field.addEventListener("input", find);
    addEventListener("hashchange", fromAddress);
    fromAddress();
  }
})();
