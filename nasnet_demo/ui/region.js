// A box on the visitor's picture: drawn with a mouse or a finger, or moved with the arrow keys. Its place is sent as shares
// of the picture: left, top, right, bottom.
export function region(element, watch, trigger) {
  const SMALLEST = 0.05;
  const STEP = 0.05;
  let box = null; // [left, top, right, bottom]
  let start = null; // where a box begins that is being drawn
  let settled = 0;
  const find = (selector) => element.querySelector(selector);
  const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));
  const percent = (share) => `${Math.round(100 * share)}`;
  const show = () => {
    const drawn = find(".box");
    drawn.hidden = !box;
    find("[data-region=whole]").hidden = !box;
    if (!box) return;
    const [left, top, right, bottom] = box;
    Object.assign(drawn.style, { left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * (right - left)}%`, height: `${100 * (bottom - top)}%` });
    find(".region-said").textContent =
      `The box: ${percent(left)} to ${percent(right)}% across, ${percent(top)} to ${percent(bottom)}% down.`;
  };
  const send = () => { clearTimeout(settled); if (box) trigger("input", { box }); };
  const at = (event) => {
    const { left, top, width, height } = find(".boxable").getBoundingClientRect();
    return [clamp((event.clientX - left) / width), clamp((event.clientY - top) / height)];
  };
  element.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".boxable") || event.button) return;
    event.preventDefault();
    start = at(event);
    event.target.closest(".boxable").setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (!start) return;
    const now = at(event);
    const drawn = [Math.min(start[0], now[0]), Math.min(start[1], now[1]), Math.max(start[0], now[0]), Math.max(start[1], now[1])];
    if (drawn[2] - drawn[0] < SMALLEST || drawn[3] - drawn[1] < SMALLEST) return;
    box = drawn;
    show();
  });
  element.addEventListener("pointerup", () => { if (start && box) send(); start = null; });
  element.addEventListener("pointercancel", () => { start = null; });
  element.addEventListener("keydown", (event) => {
    if (!event.target.matches(".box") || !box) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); send(); return; }
    const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (!way) return;
    event.preventDefault();
    const [left, top, right, bottom] = box;
    if (event.shiftKey) {
      box = [left, top, clamp(right + way[0], left + SMALLEST), clamp(bottom + way[1], top + SMALLEST)];
    } else {
      const [x, y] = [clamp(left + way[0], 0, 1 - right + left), clamp(top + way[1], 0, 1 - bottom + top)];
      box = [x, y, x + right - left, y + bottom - top];
    }
    show();
    clearTimeout(settled);
    settled = setTimeout(send, 800); // as soon as it rests
  });
  element.addEventListener("click", (event) => {
    const deed = event.target.closest("[data-region]")?.dataset.region;
    if (deed === "box") {
      box ??= [0.25, 0.25, 0.75, 0.75];
      show();
      find(".box").focus();
      send();
    }
    if (deed === "whole") {
      box = null;
      show();
      find(".region-said").textContent = "The whole picture.";
      trigger("input", { box: null });
      find("[data-region=box]").focus();
    }
  });
  watch("value", () => { box = null; start = null; });
}
