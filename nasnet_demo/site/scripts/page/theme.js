// Light or dark, as the visitor's system has it or as the address asks (?__theme=dark, as of the page with a server).

export function startTheme() {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const asked = new URLSearchParams(location.search).get("__theme");
    const dress = () => {
        const dark = asked ? asked === "dark" : system.matches;
        document.documentElement.classList.toggle("dark", dark);
        document.documentElement.classList.toggle("light", !dark);
    };
    system.addEventListener("change", dress);
    dress();
}
