// @ts-nocheck
// The rail of a lesson, in `element`. What a visitor answers, guesses and draws stays in their browser, also over a reload.
// `watch` calls a function when the rail shows another step, and `trigger` sends a drawing to be compared with the map.
export function lesson(element, watch, trigger) {
const rail = () => element.querySelector(".rail");
const all = (selector) => [...element.querySelectorAll(selector)];
const key = () => `lesson-${rail().dataset.lesson}`;
const kept = () => JSON.parse(localStorage.getItem(key()) ?? "{}");
const keep = (name, value) => localStorage.setItem(key(), JSON.stringify({ ...kept(), [name]: value }));
const step = () => rail().dataset.step;

// Time, since the lesson was begun.
const clock = () => {
  if (!rail()) return;
  const minute = Math.floor((Date.now() - kept().begun) / 60000);
  const end = Number(rail().dataset.begins) + Number(rail().dataset.minutes);
  element.querySelector(".rail-clock").textContent = `· minute ${minute}, this step is planned until ${end}`;
};

// Three questions, before and after.
const score = () => {
  const quiz = element.querySelector(".rail-quiz");
  if (!quiz) return;
  const when = quiz.dataset.quiz;
  const right = [...quiz.querySelectorAll("fieldset")].map((field) => Number(field.dataset.right));
  const answers = kept()[when] ?? [];
  const count = (given) => right.filter((choice, i) => given?.[i] === choice).length;
  all(".rail-quiz input").forEach((input) => {
    const number = Number(input.name.split("-")[1]) - 1;
    input.checked = answers[number] === Number(input.value);
  });
  if (answers.filter((answer) => answer !== null).length < right.length || answers.length < right.length) return;
  const said = quiz.querySelector(".rail-score");
  if (when === "before") said.textContent = "Noted. You will see at the end what has changed.";
  else {
    const before = kept().before;
    said.textContent = `${before ? `Right before the lesson: ${count(before)} of ${right.length}. ` : ""}Right now: ${count(answers)} of ${right.length}.`;
    quiz.querySelectorAll(".rail-why").forEach((why) => { why.hidden = false; });
    quiz.querySelectorAll("label").forEach((label) => {
      const field = label.closest("fieldset");
      label.classList.toggle("right", label.querySelector("input").value === field.dataset.right);
    });
  }
};

// A guess or a drawing comes first: until then, the page keeps its answer, or its map, covered.
const uncover = () => {
  const form = element.querySelector(".rail-guess");
  const guess = kept()[`guess-${step()}`];
  const compared = kept()[`agreed-${step()}`];
  document.body.classList.toggle("lesson-covered", Boolean(form) && !guess);
  document.body.classList.toggle("lesson-hidden-map", Boolean(places().length) && !compared);
  if (!form || !guess) return;
  form.hidden = true;
  element.querySelector(".rail-said").textContent = `You: ${guess}. The network: ${form.dataset.answer}.`;
};

// A drawing.
const places = () => all(".rail-grid [data-place]");
const marked = () => places().filter((place) => place.ariaPressed === "true").map((place) => Number(place.dataset.place));
const mark = (place, on) => { place.ariaPressed = String(on); keep(`draw-${step()}`, marked()); };
const redraw = () => {
  const before = kept()[`draw-${step()}`] ?? [];
  places().forEach((place, i) => { place.ariaPressed = String(before.includes(i)); });
};
let drawing = null; // whether the pointer marks or wipes

const look = () => {
  const large = localStorage.getItem("lesson-large") === "yes";
  const folded = localStorage.getItem("lesson-folded") === "yes";
  document.documentElement.classList.toggle("presenter", Boolean(rail()) && large);
  document.body.classList.toggle("lesson-folded", Boolean(rail()) && folded);
  if (!rail()) return;
  element.querySelector("[data-rail=large]").ariaPressed = String(large);
  element.querySelector("[data-rail=fold]").ariaExpanded = String(!folded);
};
const flip = (name) => { localStorage.setItem(name, localStorage.getItem(name) === "yes" ? "no" : "yes"); look(); };

let shown = ""; // the step
const reveal = () => { // what the step is about
  const marks = rail()?.dataset.marks;
  const covered = document.body.matches(".lesson-covered, .lesson-hidden-map");
  if (marks && !covered) document.querySelector(marks)?.scrollIntoView({ block: innerWidth < 1000 ? "start" : "nearest" });
};
const arrive = () => { // begin to read at the top, where the picture is, and go on to what the step is about
  shown = step();
  element.querySelector(".rail-guess")?.reset(); // Gradio keeps the field of the step before
  element.closest("#lesson").scrollTop = 0;
  window.scrollTo(0, 0);
  element.querySelector("h2").focus({ preventScroll: true });
  setTimeout(reveal, 1500);
};
const show = () => {
  look();
  if (!rail()) { shown = ""; document.body.classList.remove("lesson-covered", "lesson-hidden-map"); return; }
  if (shown !== step()) arrive();
  if (!kept().begun) keep("begun", Date.now());
  score();
  uncover();
  redraw();
  clock();
};

const deeds = {
  large: () => flip("lesson-large"),
  fold: () => flip("lesson-folded"),
  wipe: () => { places().forEach((place) => mark(place, false)); },
  agree: () => {
    if (marked().length && marked().length < places().length) { // or there is nothing to compare yet
      keep(`agreed-${step()}`, true);
      uncover();
    }
    trigger("input", { step: step(), marked: marked() });
  },
  end: () => {
    localStorage.removeItem(key());
    document.dispatchEvent(new CustomEvent("visit-leave"));
  },
};
element.addEventListener("click", (event) => deeds[event.target.closest("[data-rail]")?.dataset.rail]?.());
element.addEventListener("change", (event) => {
  const [when, number] = event.target.name.split("-");
  if (!event.target.closest(".rail-quiz")) return;
  const answers = Array.from(element.querySelectorAll("fieldset"), (_, i) => kept()[when]?.[i] ?? null);
  answers[number - 1] = Number(event.target.value);
  keep(when, answers);
  score();
});
element.addEventListener("submit", (event) => {
  event.preventDefault();
  keep(`guess-${step()}`, new FormData(event.target).get("guess").trim() || "no guess");
  uncover();
  reveal();
});
element.addEventListener("pointerdown", (event) => {
  const place = event.target.closest("[data-place]");
  if (!place) return;
  place.releasePointerCapture?.(event.pointerId); // or a finger would stay with the place it began at
  drawing = place.ariaPressed !== "true";
  mark(place, drawing);
});
element.addEventListener("pointermove", (event) => {
  const place = drawing !== null && document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-place]");
  if (place && element.contains(place)) mark(place, drawing);
});
for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => { drawing = null; });
element.addEventListener("keydown", (event) => {
  const place = event.target.closest("[data-place]");
  if (!place) return;
  const columns = Number(getComputedStyle(place.closest(".rail-draw")).getPropertyValue("--columns"));
  const next = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (event.key === " " || event.key === "Enter") mark(place, place.ariaPressed !== "true");
  else if (next) places()[Number(place.dataset.place) + next]?.focus();
  else return;
  event.preventDefault();
});
setInterval(clock, 10000);
watch("value", show);
show();
}
