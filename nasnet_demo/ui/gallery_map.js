// The map of the gallery: one stop of the tab key, and from there by arrow key to what lies next in that direction.
export function galleryMap(element, watch, trigger) {
  const points = () => [...element.querySelectorAll("button.point")];
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const placeOf = (point) => ["--x", "--y"].map((name) => Number(point.style.getPropertyValue(name)));
  const next = (from, [dx, dy]) => { // what lies that way, and not too far to the side
    const [x, y] = placeOf(from);
    const scored = points().flatMap((point) => {
      const [u, v] = placeOf(point);
      const ahead = (u - x) * dx + (v - y) * dy;
      const aside = Math.abs((u - x) * dy) + Math.abs((v - y) * dx);
      return point !== from && ahead > 0 && aside <= 2 * ahead ? [[ahead + aside, point]] : [];
    });
    return scored.sort(([one], [other]) => one - other)[0]?.[1];
  };
  element.addEventListener("click", (event) => {
    const point = event.target.closest("[data-why]");
    if (!point) return;
    trigger("click", { key: point.dataset.why });
    document.querySelector("#why-section").scrollIntoView({ block: "nearest" });
  });
  element.addEventListener("keydown", (event) => {
    const from = event.target.closest("button.point");
    const to = from && ways[event.key] && next(from, ways[event.key]);
    if (!from || !ways[event.key]) return;
    event.preventDefault();
    if (!to) return;
    from.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });
}
