// @ts-nocheck
// The value of the map under the pointer, read from the .npy file that the page offers.
export function pointer() {
  let read = { link: "" }; // the file that was read last
  const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
  const load = (link) => { // ten bytes, a header that says the shape, then float32 row by row
    if (read.link !== link) {
      const bytes = Uint8Array.from(atob(link.split(",")[1]), (letter) => letter.charCodeAt(0));
      const start = 10 + bytes[8] + 256 * bytes[9];
      const shape = new TextDecoder().decode(bytes.subarray(10, start)).match(/\((\d+), (\d+)\)/);
      read = { link, rows: +shape[1], columns: +shape[2], values: new Float32Array(bytes.buffer.slice(start)) };
    }
    return read;
  };
  const show = (event) => {
    const stack = event.target.closest && event.target.closest(".map .stack");
    const link = stack && stack.closest(".map").querySelector("a.npy");
    if (!link) return;
    const { rows, columns, values } = load(link.getAttribute("href"));
    const box = stack.getBoundingClientRect();
    const width = stack.querySelector(".heat").clientWidth; // half of the box if the map is beside the picture
    const x = ((event.clientX - box.left) % width) / width;
    const row = Math.min(rows - 1, Math.max(0, Math.floor((rows * (event.clientY - box.top)) / box.height)));
    const column = Math.min(columns - 1, Math.max(0, Math.floor(columns * x)));
    const value = plain.format(values[row * columns + column]).replace("-", "\u2212");
    stack.closest(".map").querySelector(".readout").textContent = `${value} at row ${row + 1}, column ${column + 1}`;
  };
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
}
