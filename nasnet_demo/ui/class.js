// In a class, the page tells the server where it is and what is ticked, by a random number for this visit.
() => {
  const number = () => {
    const made = sessionStorage.getItem("class-visit") ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    sessionStorage.setItem("class-visit", made);
    return made;
  };
  const ticked = (name) => {
    const { before, after } = JSON.parse(localStorage.getItem(`lesson-${name}`) ?? "{}");
    return { before: before ?? [], after: after ?? [] };
  };
  const tell = (lessons) => {
    const step = document.querySelector("[data-step]")?.dataset.step ?? "";
    const body = JSON.stringify({ visit: number(), step, ticked: Object.fromEntries(lessons.map((name) => [name, ticked(name)])) });
    fetch("class/here", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => {}); // next time
  };
  const start = () => { // the page is drawn after this script has started
    const element = document.querySelector("#class [data-every]");
    if (!element) { setTimeout(start, 100); return; }
    const lessons = element.dataset.lessons.split(" ");
    const now = () => tell(lessons);
    let soon = 0;
    const later = () => { clearTimeout(soon); soon = setTimeout(now, 500); };
    now();
    setInterval(now, 1000 * Number(element.dataset.every));
    window.addEventListener("popstate", later);
    document.addEventListener("change", (event) => { if (event.target.closest?.(".rail-quiz")) later(); });
    new MutationObserver(later).observe(document.querySelector("#lesson-step") ?? document.body, { childList: true, subtree: true });
  };
  start();
}
