// @ts-nocheck
// Where the browser denies a page its storage, as in a frame of another site, it is remembered until the page is closed.
export function storage() {
  for (const name of ["localStorage", "sessionStorage"]) {
    try {
      window[name].length;
    } catch {
      const held = new Map();
      const value = { getItem: (key) => held.get(key) ?? null, setItem: (key, text) => held.set(key, String(text)), removeItem: (key) => held.delete(key) };
      Object.defineProperty(window, name, { value, configurable: true });
    }
  }
}
