// @ts-nocheck
// Gradio gives every choice of a radio group a name of its own, so browsers do not move between them by arrow key.
export function keys() {
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  document.addEventListener("keydown", (event) => {
    const group = event.target.matches("input[type=radio]") && event.target.closest("fieldset");
    if (!group || !(event.key in steps)) return;
    event.preventDefault();
    const choices = [...group.querySelectorAll("input[type=radio]")];
    const next = choices[(choices.indexOf(event.target) + steps[event.key] + choices.length) % choices.length];
    next.focus();
    next.click();
  });
}
