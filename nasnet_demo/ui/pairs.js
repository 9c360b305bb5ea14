// Which places of two pictures go together: pointing at a place of one lights up those of the other that its part of the
// similarity is made with. The shares of all pairs lie in the page, a byte each.
export function pairs(element, watch, trigger) {
  let read = null; // { text, bytes }: the last ones read
  const pairs = () => {
    const text = element.querySelector(".why")?.dataset.pairs;
    if (!text) return null;
    if (read?.text !== text) read = { text, bytes: Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) };
    return read.bytes;
  };
  const sides = () => ["here", "there"].map((name) => element.querySelector(`[data-side=${name}]`));
  const sizeOf = (side) => [Number(side.dataset.rows), Number(side.dataset.columns)];
  const clear = () => { for (const grid of element.querySelectorAll(".pairs-grid")) grid.remove(); };
  const light = (side, values, dark) => { // one value a place, 0 to 1; `dark`: how dark nothing is
    const [rows, columns] = sizeOf(side);
    const grid = Object.assign(document.createElement("div"), { className: "pairs-grid" });
    grid.style.gridTemplate = `repeat(${rows}, 1fr) / repeat(${columns}, 1fr)`;
    for (const value of values) {
      const place = document.createElement("i");
      place.style.opacity = dark * (1 - value);
      grid.append(place);
    }
    side.append(grid);
  };
  const show = (side, place) => {
    const bytes = pairs();
    const [here, there] = sides();
    const mine = side === here;
    const [count, other] = [sizeOf(here), sizeOf(there)].map(([rows, columns]) => rows * columns);
    const shares = mine
      ? Array.from(bytes.subarray(place * other, (place + 1) * other))
      : Array.from({ length: count }, (_, i) => bytes[i * other + place]);
    const highest = Math.max(1, ...shares);
    clear();
    light(side, Array.from({ length: mine ? count : other }, (_, i) => Number(i === place)), 0.55);
    light(mine ? there : here, shares.map((share) => share / highest), 0.8);
  };
  const placeAt = (side, event) => {
    const [rows, columns] = sizeOf(side);
    const { left, top, width, height } = side.getBoundingClientRect();
    const row = Math.min(rows - 1, Math.max(0, Math.floor((rows * (event.clientY - top)) / height)));
    return row * columns + Math.min(columns - 1, Math.max(0, Math.floor((columns * (event.clientX - left)) / width)));
  };
  const point = (event) => {
    const side = event.target.closest("[data-side]");
    if (side && pairs()) show(side, placeAt(side, event));
  };
  element.addEventListener("pointermove", point);
  element.addEventListener("pointerdown", point);
  element.addEventListener("pointerleave", clear);
  element.addEventListener("focusout", clear);
  element.addEventListener("keydown", (event) => {
    const side = event.target.closest("[data-side]");
    const [rows, columns] = side ? sizeOf(side) : [];
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !pairs()) return;
    event.preventDefault();
    const before = Number(side.dataset.place ?? Math.floor(rows / 2) * columns + Math.floor(columns / 2));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(before / columns) + step[0]));
    const column = Math.min(columns - 1, Math.max(0, (before % columns) + step[1]));
    side.dataset.place = row * columns + column;
    show(side, row * columns + column);
  });
  const dress = () => {
    for (const side of sides()) if (side && pairs()) side.tabIndex = 0;
  };
  watch("value", dress);
  dress();
}
