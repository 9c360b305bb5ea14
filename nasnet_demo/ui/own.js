// Pictures of the visitor's own: a few at a time are sent and handed over, so that the server never holds many files.
export function own(element, watch, trigger) {
  const SUFFIXES = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif|zip)$/i;
  const TOGETHER = 10;
  const LARGEST = 20e6; // bytes of one file
  const MOST = Number(element.querySelector(".own-zone").dataset.most);
  let turn = 0; // what is on its way ends when another begins
  const say = (text) => { element.querySelector(".own-sent").textContent = text; };
  const usable = ([file, name]) => (SUFFIXES.test(name) || file.type.startsWith("image/")) && !/(^|\/)(\.|__MACOSX)/.test(name);
  const send = async (file) => { // its name on the server
    const form = new FormData();
    form.append("files", file);
    const answer = await fetch("gradio_api/upload", { method: "POST", body: form });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json())[0];
  };
  const handed = (token) => new Promise((done) => { // the server has taken them in
    const look = () => {
      if (document.querySelector(`#own-held [data-token="${token}"]`)) { watching.disconnect(); done(); }
    };
    const watching = new MutationObserver(look);
    watching.observe(document.querySelector("#own-held"), { childList: true, subtree: true, attributes: true });
    setTimeout(() => { watching.disconnect(); done(); }, 180000);
  });
  const bring = async (files) => {
    const mine = (turn += 1);
    const all = files.filter(usable);
    const chosen = all.slice(0, MOST);
    if (!chosen.length) { say("There is no picture and no zip among these."); return; }
    const failed = [];
    for (let first = 0; first < chosen.length && mine === turn; first += TOGETHER) {
      const names = [];
      for (const [at, [file, called]] of chosen.slice(first, first + TOGETHER).entries()) {
        if (mine !== turn) return;
        say(`Sending ${first + at + 1} of ${chosen.length} …`);
        try {
          if (file.size > LARGEST) throw new Error("it is larger than 20 MB");
          names.push({ name: await send(file), called });
        } catch (error) {
          failed.push(`${called.split("/").pop()}: ${error.message.trim()}`);
        }
      }
      const token = `${Date.now()}-${first}`;
      if (mine !== turn || !names.length) continue;
      const waiting = handed(token);
      trigger("upload", { names, token });
      await waiting;
    }
    if (mine !== turn) return;
    const over = all.length > MOST ? ` Only the first ${MOST} were sent.` : "";
    say(failed.length ? `Not sent: ${failed.slice(0, 3).join("; ")}${failed.length > 3 ? ` and ${failed.length - 3} more` : ""}.${over}` : over.trim());
  };
  const inside = async (entry) => { // the files of a dropped folder, with their paths
    if (entry.isFile) return [[await new Promise((done, fail) => entry.file(done, fail)), entry.fullPath.slice(1)]];
    const reader = entry.createReader();
    const found = [];
    for (;;) { // a hundred at a time
      const some = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!some.length || found.length > MOST) return found;
      for (const one of some) found.push(...(await inside(one)));
    }
  };
  const plain = (list) => [...list].map((file) => [file, file.webkitRelativePath || file.name]);
  element.addEventListener("change", (event) => {
    const files = plain(event.target.files);
    event.target.value = ""; // the same ones may be chosen again
    bring(files);
  });
  element.addEventListener("drop", async (event) => {
    event.preventDefault();
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = plain(event.dataTransfer.files);
    bring(entries.length ? (await Promise.all(entries.map(inside))).flat() : files);
  });
  document.addEventListener("own-forgotten", () => { turn += 1; say(""); });
}
