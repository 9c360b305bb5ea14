// @ts-nocheck
// A visit: the address says what is shown; undo and redo are the browser's own; answers can be put side by side.
export function visit() {
  const SETTLED = 500; // milliseconds without a change
  const MOST = 40; // answers kept
  const ASKED = ["crop", "class", "versus", "method", "cell"]; // of a link's fields, those that make up a map's question
  const answers = []; // {link, asked, upload, title, figure, bars}, oldest first
  let shown = null; // what the components hold, and how a link calls it
  let tab = "";
  let meant = {}; // in a lesson: what its step stands for, by field
  let touched = false; // whether the visitor did something since the address was last written
  let timer = 0;
  let answered = null; // the picture that the map is of, which may be the one before
  let early = false; // whether a step was written before its picture was answered
  let opening = false; // whether a link's answer is on its way
  let at = history.state?.at ?? 0; // steps from where the visit began

  const bar = (selector) => document.querySelector(`#visit ${selector}`);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  let pressed = null; // the button: the copy button has a twin in another tab
  const said = () => pressed?.closest(".share")?.querySelector(".visit-said") ?? bar(".visit-said");
  const say = (text) => { said().textContent = text; };

  // The link.
  const plain = (value) => (Array.isArray(value) ? value.join(",") : value ?? "");
  const held = (name) => shown?.values[shown.about.fields.indexOf(name)];
  const pictured = () => held("example")?.path ?? "";
  const exampleOf = (file) => { // an upload's name begins with "uploads/": what the visitor called it says nothing
    const path = file?.path ?? "";
    const name = path.startsWith("uploads/") ? "" : path.split("/").pop().replace(/\.\w+$/, "");
    return shown.about.examples.includes(name) ? name : "";
  };
  const uploadOf = () => {
    const file = held("example");
    return file?.path?.startsWith("uploads/") ? JSON.parse(JSON.stringify(file)) : null;
  };
  const brought = () => JSON.parse(sessionStorage.getItem("visit-uploads") ?? "[]"); // names of the visitor's pictures
  const bring = () => {
    const name = uploadOf()?.path;
    if (name && !brought().includes(name)) sessionStorage.setItem("visit-uploads", JSON.stringify([...brought(), name]));
  };
  const lesson = () => document.querySelector("[data-step]")?.dataset.step ?? "";
  // A link says what differs from the page as it begins or, in a lesson, from the page as the step sets it up. It always
  // says the picture, and the class with it, since the likeliest class of another picture is another one.
  const link = (step = lesson()) => {
    const fields = new URLSearchParams(step ? { step } : {});
    const begins = step ? meant : { tab: shown?.about.tabs[0], ...shown?.about.first };
    const said = step ? begins : { ...begins, example: "", class: "" };
    const moved = shown && exampleOf(held("example")) !== said.example;
    if (tab && tab !== said.tab) fields.set("tab", tab);
    shown?.about.fields.forEach((name) => {
      const value = held(name);
      const text = name === "example" ? exampleOf(value) : plain(value);
      const told = text !== (said[name] ?? "") || (name === "class" && moved);
      if (told && (text || (step && Array.isArray(value)))) fields.set(name, text);
    });
    const text = fields.toString().replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/").replace(/%3E/g, ">");
    return text ? `#${text}` : "";
  };
  const learn = () => { // what the step of a lesson stands for, once the page has followed it
    const told = new URLSearchParams(location.hash.slice(1));
    if (!lesson() || touched || !shown) return;
    if (!told.has("tab")) meant.tab = tab || shown.about.tabs[0];
    for (const name of shown?.about.fields ?? []) {
      if (!told.has(name)) meant[name] = name === "example" ? exampleOf(held(name)) : plain(held(name));
    }
  };
  const address = (fragment) => fragment || location.pathname + location.search;
  const go = (fragment, upload) => { // a step forward; what was undone is forgotten, as the browser forgets it
    sessionStorage.setItem("visit-furthest", (at += 1));
    history.pushState({ at, upload }, "", address(fragment));
  };
  const write = () => {
    if (opening) return; // what the page holds is not yet what the address says
    learn();
    const [now, upload] = [link(), uploadOf()];
    if (now !== location.hash || upload?.path !== history.state?.upload?.path) {
      if (touched && !early) go(now, upload);
      else history.replaceState({ at, upload }, "", address(now));
      touched = false; // what follows from the same deed belongs to the same step
    }
    early = Boolean(shown) && (answered ?? pictured()) !== pictured();
    keep();
    buttons();
  };
  const settle = () => { clearTimeout(timer); timer = setTimeout(write, SETTLED); };
  const open = () => {
    [touched, early, meant] = [false, false, {}];
    document.querySelector("#visit-open")?.click();
  };

  // What was answered. A copy of the map as it is drawn, since the next answer will replace it.
  const keep = () => {
    const map = document.querySelector("#map .map");
    const title = map?.querySelector("figcaption")?.innerText.trim();
    if (!title || (answered ?? pictured()) !== pictured()) return;
    const region = map.querySelector(".region");
    const drawn = getComputedStyle(region).backgroundImage;
    const last = answers.at(-1);
    const asked = ASKED.map(held).join("|");
    if (last && last.title === title && last.drawn === drawn) {
      if (last.asked === asked) last.link = location.hash; // or the next answer is still on its way
      return;
    }
    const figure = map.cloneNode(true);
    figure.querySelector(".region").style.backgroundImage = drawn;
    all("a, .values, [id]", figure).forEach((element) => element.remove());
    const bars = all("#bars label").map((label) => label.innerText.replace(/\s+/g, " ").trim());
    answers.push({ link: location.hash, asked, upload: uploadOf(), title, drawn, figure, bars });
    if (answers.length > MOST) answers.shift();
  };
  const put = (section, at) => {
    const { figure, bars } = answers[at];
    const list = document.createElement("ol");
    bars.forEach((text) => { list.append(Object.assign(document.createElement("li"), { textContent: text })); });
    section.querySelector(".visit-answer").replaceChildren(figure.cloneNode(true), list);
    section.querySelector("select").value = at;
  };
  const compare = () => {
    const names = answers.map(({ title }, i) => `${i + 1}. ${title.replace(/^(Where it looked for|Why) /, "").split("\n").slice(0, 2).join(" · ")}`);
    all("#visit section").forEach((section, side) => {
      const options = names.map((name, i) => Object.assign(document.createElement("option"), { value: i, textContent: name }));
      section.querySelector("select").replaceChildren(...options);
      put(section, Math.max(0, answers.length - 2 + side));
    });
    bar("dialog").showModal();
  };

  // The buttons.
  const buttons = () => {
    bar("[data-visit=undo]").disabled = at === 0;
    bar("[data-visit=redo]").disabled = at >= Number(sessionStorage.getItem("visit-furthest") ?? 0);
    bar("[data-visit=compare]").disabled = answers.length < 2;
    const forget = document.querySelector("[data-visit=forget]");
    forget.hidden = !brought().length;
    forget.dataset.names = JSON.stringify(brought());
  };
  const copy = async () => {
    write();
    const own = uploadOf() ? " Your own picture is not in it." : "";
    try {
      await navigator.clipboard.writeText(location.href);
      say(`Copied.${own}`);
    } catch { // an address without https, as in many classrooms
      const field = Object.assign(document.createElement("input"), { readOnly: true, value: location.href, ariaLabel: "The link" });
      said().replaceChildren(field, own);
      field.select();
    }
  };
  const again = (section) => {
    const { link: to, upload } = answers[section.querySelector("select").value];
    bar("dialog").close();
    go(to, upload);
    open();
  };
  const forget = () => { document.querySelector("#visit-forget").click(); };
  const deeds = { undo: () => history.back(), redo: () => history.forward(), copy, compare, forget };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-visit]");
    if (!button) return;
    pressed = button;
    say("");
    if (button.dataset.visit === "again") again(button.closest("section"));
    else deeds[button.dataset.visit]();
  });
  document.addEventListener("change", (event) => {
    const section = event.target.closest?.("#visit section");
    if (section) put(section, event.target.value);
  });
  const touch = ({ target }) => { // in a lesson's rail one reads on; what the step sets up may still be on its way
    if (!target.closest?.("#lesson")) touched = !target.closest?.("#visit");
  };
  for (const kind of ["pointerdown", "keydown", "drop"]) document.addEventListener(kind, touch, true);
  document.addEventListener("visit-shown", ({ detail }) => { shown = detail; bring(); settle(); });
  document.addEventListener("visit-asked", () => { opening = true; }); // maybe later than the click, after another one
  document.addEventListener("visit-opened", () => { opening = false; settle(); });
  document.addEventListener("visit-tab", ({ detail }) => { tab = detail; settle(); });
  document.addEventListener("visit-leave", () => { go(link(""), uploadOf()); open(); }); // a lesson ends, the page stays
  document.addEventListener("visit-forgotten", () => {
    sessionStorage.removeItem("visit-uploads");
    history.replaceState({ ...history.state, upload: null }, "");
    location.reload();
  });
  window.addEventListener("popstate", () => { // also a link into the page that was followed here
    if (history.state) at = history.state.at;
    else { // such a link is a step forward
      sessionStorage.setItem("visit-furthest", (at += 1));
      history.replaceState({ at, upload: null }, "");
    }
    buttons();
    open();
  });
  const start = () => { // the page is drawn after this script has started
    if (!document.querySelector("#visit-open")) { setTimeout(start, 100); return; }
    const what = () => `${document.querySelector("#map figcaption b")?.textContent} ${document.querySelector("#map .heat")?.src}`;
    let drawn = what(); // Gradio tells in the map's own place how far the next answer is
    answered = document.querySelector("#picture img")?.src.split("file=")[1] ?? null; // nothing has changed yet
    const answer = () => {
      const now = what();
      if (now !== drawn && shown) answered = pictured();
      drawn = now;
      settle();
    };
    new MutationObserver(answer).observe(document.querySelector("#map"), { childList: true, subtree: true });
    if (!history.state) {
      history.replaceState({ at, upload: null }, "");
      sessionStorage.setItem("visit-furthest", at);
    }
    buttons();
    if (location.hash.includes("=") || history.state.upload) open();
  };
  start();
}
