// The drawing of a cell, painted: page.py drew it, and what changes is only colours, numbers and what is off. As
// nasnet_demo/diagrams/cell.py and palette.py do it.

import { data } from "../assets.js";
import { facts } from "./facts.js";
import { signedDigits } from "./numbers.js";
import { build, ours } from "./templates.js";

const [DARK, WHITE] = ["#111111", "#ffffff"];
const [BELOW, ABOVE] = [[0, 114, 178], [230, 120, 0]]; // blue and orange: the ends of the scale
const LINE = 19; // from one line of text to the next
const FAINT = "0.6";
const DASHES = "6 5";

/**
 * A cell as an SVG element.
 * @param {string} kind "normal" or "reduction"
 * @param {string} title
 * @param {Map<string, number>} values of the operations, by "BLOCK:SIDE"; none if they are not known
 * @param {Set<string>} off those that are off
 * @returns {SVGElement}
 */
export function drawCell(kind, title, values, off) {
    const { plain, tall } = facts().drawings[kind];
    const svg = /** @type {SVGElement} */ (build(ours(values.size || off.size ? tall : plain)).firstElementChild);
    svg.setAttribute("aria-label", title);
    /** @type {Element} */ (svg.querySelector("title")).textContent = title;
    if (!values.size && !off.size) return svg;
    const uncoloured = build(ours(plain));
    const limit = Math.max(0, ...[...values.values()].map(Math.abs));
    for (const part of /** @type {NodeListOf<SVGGElement>} */ (svg.querySelectorAll(".branch"))) {
        const key = part.dataset.branch ?? "";
        const value = values.get(key);
        const box = /** @type {Element} */ (part.querySelector("rect"));
        const words = /** @type {Element} */ (part.querySelector("title"));
        const texts = [...part.querySelectorAll("text")];
        const said = /** @type {Element} */ (texts.pop()); // the number's line
        const before = words.textContent?.replace(/, [+−]\S+$/, "") ?? "";
        if (off.has(key)) {
            part.classList.add("off");
            words.textContent = `${before}, switched off`;
            said.textContent = "off";
            box.setAttribute("fill", "none");
            for (const line of part.querySelectorAll("path[stroke]")) dash(line, true);
            dash(box, false);
            for (const text of [...texts, said]) {
                text.setAttribute("fill", "currentColor");
                text.setAttribute("opacity", FAINT);
            }
        } else if (value !== undefined) {
            words.textContent = `${before}, ${signedDigits(value, 3)}`;
            said.textContent = signedDigits(value, 2);
            const [fill, ink] = diverging(limit ? value / limit : 0);
            box.setAttribute("fill", fill);
            for (const text of [...texts, said]) text.setAttribute("fill", ink);
        } else { // not measured yet: as in the plain drawing, but taller
            words.textContent = before;
            said.remove();
            box.setAttribute("fill", uncoloured.querySelector(`[data-branch="${key}"] rect`)?.getAttribute("fill") ?? "none");
            for (const text of texts) text.setAttribute("y", String(Number(text.getAttribute("y")) + LINE / 2));
        }
    }
    return svg;
}

/**
 * Colours for a value in [-1, 1], white at zero, blue below, orange above, and for the text on it.
 * @param {number} value
 * @returns {[string, string]}
 */
function diverging(value) {
    const strength = Math.min(1, Math.abs(value));
    const [red, green, blue] = (value < 0 ? BELOW : ABOVE).map((end) => Math.round(255 + (end - 255) * strength));
    const light = 0.299 * red + 0.587 * green + 0.114 * blue > 120;
    return [`#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`, light ? DARK : WHITE];
}

/**
 * @param {Element} shape
 * @param {boolean} faint
 */
function dash(shape, faint) {
    shape.setAttribute("stroke-dasharray", DASHES);
    if (faint) shape.setAttribute("opacity", FAINT);
}

/** The name of a cell's kind. @param {string} cell */
export function kindOf(cell) {
    return data().cells.find(({ name }) => name === cell)?.kind ?? "normal";
}
