// @ts-nocheck
// Drawings that can be zoomed: by the wheel, by two fingers, by dragging with the mouse, and by buttons. The element around
// a drawing scrolls, and its style has the factor as --zoom: both outlive a new drawing in it, but not a new element.
export function zoom() {
  const LARGEST = 4;
  const fingers = new Map(); // what touches a drawing, by pointer
  let dragged = 0; // pixels, since the button went down
  const over = (event) => event.target.closest?.(".zoomable");
  const zoomOf = (box) => Number(getComputedStyle(box).getPropertyValue("--zoom")) || 1;
  const zoom = (box, wanted, x, y) => { // what lies at (x, y), in the window, stays there
    const before = zoomOf(box);
    const whole = Math.min(1, (box.clientWidth * before) / box.scrollWidth); // on a phone, smaller than it can be read
    const after = Math.min(LARGEST, Math.max(whole, wanted));
    if (after === before) return false;
    const { left, top } = box.getBoundingClientRect();
    const at = [box.scrollLeft + x - left, box.scrollTop + y - top];
    box.style.setProperty("--zoom", after);
    box.scrollLeft = (at[0] * after) / before - (x - left);
    box.scrollTop = (at[1] * after) / before - (y - top);
    return true;
  };
  const span = () => { // how far two fingers are apart, and their middle
    const [one, other] = [...fingers.values()];
    return { apart: Math.hypot(one.x - other.x, one.y - other.y), x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  };

  document.addEventListener("wheel", (event) => {
    const box = over(event);
    // Where the drawing cannot get smaller, the page scrolls.
    if (box && zoom(box, zoomOf(box) * Math.exp(-event.deltaY / 400), event.clientX, event.clientY)) event.preventDefault();
  }, { passive: false });
  document.addEventListener("pointerdown", (event) => {
    dragged = 0;
    const box = over(event);
    if (box && !event.button) fingers.set(event.pointerId, { box, x: event.clientX, y: event.clientY });
  });
  document.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const { box, x, y } = finger;
    const before = fingers.size === 2 && span();
    [finger.x, finger.y] = [event.clientX, event.clientY];
    dragged += Math.abs(finger.x - x) + Math.abs(finger.y - y);
    if (before) zoom(box, (zoomOf(box) * span().apart) / before.apart, before.x, before.y);
    else if (event.pointerType === "mouse") box.scrollBy(x - finger.x, y - finger.y);
  });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, (event) => fingers.delete(event.pointerId));
  document.addEventListener("click", (event) => { // the end of a drag presses nothing
    const moved = dragged;
    dragged = 0; // a click by the keyboard has no pointer that went down before
    if (over(event) && moved > 6) event.stopPropagation();
    const button = event.target.closest?.("[data-zoom]");
    if (!button) return;
    const box = document.querySelector(`#${button.dataset.of} div.zoomable:not(.block)`);
    const { left, top, width, height } = box.getBoundingClientRect();
    zoom(box, zoomOf(box) * Number(button.dataset.zoom), left + width / 2, top + height / 2);
  }, true);
}
