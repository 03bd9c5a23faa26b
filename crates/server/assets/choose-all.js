// Chooses every row of a table at once.
//
//   <th><span data-choose-all>Choose</span></th>, and a checkbox in the rows
//
// Without a script the rows are chosen one by one.

for (const place of document.querySelectorAll("[data-choose-all]")) {
  const boxes = () => [
    ...(place.closest("table")?.querySelectorAll("tbody input[type=checkbox]") ?? []),
  ].filter((box) => box instanceof HTMLInputElement);
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", place.textContent?.trim() ?? "");
  const follow = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
  };
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
  });
  place.closest("table")?.addEventListener("change", follow);
  place.replaceChildren(all);
  follow();
}
