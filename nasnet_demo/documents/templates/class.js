// The teacher's page: asks for the counts every few seconds, once the code has been entered.
const EVERY = 3000; // milliseconds
const at = (id) => document.getElementById(id);
const show = ({ here, steps, ticked }) => {
  at("here").textContent = here;
  const fill = (cell, count, most) => {
    cell.textContent = count;
    cell.style.setProperty("--share", `${most ? Math.round((100 * count) / most) : 0}%`);
  };
  document.querySelectorAll("[data-step]").forEach((cell) => fill(cell, steps[cell.dataset.step] ?? 0, here));
  document.querySelectorAll("[data-choice]").forEach((cell) => {
    const question = cell.dataset.choice.replace(/\d+$/, "");
    const all = Object.entries(ticked).filter(([name]) => name.startsWith(question)).map(([, count]) => count);
    fill(cell, ticked[cell.dataset.choice] ?? 0, all.reduce((sum, count) => sum + count, 0));
  });
};
let timer = 0;
const ask = async () => {
  clearTimeout(timer);
  const code = sessionStorage.getItem("code");
  try {
    const answer = await fetch("counts", { headers: { "X-Code": code } });
    if (answer.status === 403) throw new Error(await answer.text());
    show(await answer.json());
    at("class").hidden = false;
    at("enter").hidden = true;
    at("said").textContent = "";
  } catch (error) {
    const gone = error instanceof TypeError;
    at("said").textContent = gone ? "The server does not answer: trying again." : error.message;
    if (!gone) return;
  }
  timer = setTimeout(ask, EVERY);
};
at("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("code", at("code").value.trim().toLowerCase());
  ask();
});
if (sessionStorage.getItem("code")) ask();
