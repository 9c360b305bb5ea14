// @ts-nocheck
// Where the keyboard's focus goes: past the controls to the answer, and out of Gradio's searched lists.
export function focus() {
  const listOf = (event) => event.target.closest && event.target.closest("input[role=combobox], input[role=listbox]");
  const close = (list) => list.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  document.addEventListener("keydown", (event) => {
    const list = listOf(event);
    if (!list) return;
    if (event.key === "Tab") event.stopPropagation(); // Gradio opens the list at any key, after it has been left too
    if (event.key === "Enter") setTimeout(() => { // Gradio leaves the focus nowhere
      if (document.activeElement !== document.body) return;
      list.focus();
      close(list);
    });
  }, true);
  document.addEventListener("pointerdown", (event) => { // a closed list opens again only when the focus comes
    const list = listOf(event);
    if (list && list === document.activeElement && list.ariaExpanded === "false") list.blur();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.matches(".skip")) return;
    event.preventDefault();
    const answers = ["#sees", "[role=tabpanel]"].flatMap((where) => [...document.querySelectorAll(where)]);
    const answer = answers.find((element) => element.checkVisibility());
    answer.tabIndex = -1;
    answer.focus();
    answer.scrollIntoView();
  });
}
