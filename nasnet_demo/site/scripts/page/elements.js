// Elements of the page, and what is put into them.

import { facts } from "./facts.js";
import { build, fill, Markup } from "./templates.js";

/**
 * The first element that a selector finds; the page is written so that there is one.
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {HTMLElement}
 */
export function one(selector, within = document) {
    return /** @type {HTMLElement} */ (within.querySelector(selector));
}

/**
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {HTMLElement[]}
 */
export function every(selector, within = document) {
    return /** @type {HTMLElement[]} */ ([...within.querySelectorAll(selector)]);
}

/**
 * @param {string} selector
 * @returns {HTMLInputElement}
 */
export function field(selector) {
    return /** @type {HTMLInputElement} */ (document.querySelector(selector));
}

/**
 * A macro of one of the page's templates, filled in.
 * @param {string} template
 * @param {string} name
 * @param {...any} values
 * @returns {Markup}
 */
export function piece(template, name, ...values) {
    return fill(facts().templates[template], name, ...values);
}

const FOCUSABLE = "a[href], button, input, select, summary, [tabindex]";
const SCROLLED = ".network, .frames";

/**
 * Puts something in an element, in place of what is there. The keyboard stays where it is, and so does a row that scrolls.
 * @param {string} selector
 * @param {Markup | null} [markup]
 */
export function put(selector, markup = null) {
    const place = one(selector);
    const focused = every(FOCUSABLE, place).indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const left = place.querySelector(SCROLLED)?.scrollLeft ?? 0;
    place.replaceChildren(...(markup ? [build(markup)] : []));
    if (focused >= 0) every(FOCUSABLE, place)[focused]?.focus({ preventScroll: true });
    if (left) place.querySelector(SCROLLED)?.scrollTo({ left });
}

/**
 * Says what is wrong, in a line, or that nothing is.
 * @param {string} [text]
 * @param {string} [selector]
 */
export function tell(text = "", selector = "#message") {
    put(selector, text ? piece("look", "message", text) : null);
}

/**
 * @param {number} width
 * @param {number} height
 * @param {(context: CanvasRenderingContext2D) => void} draw
 * @returns {HTMLCanvasElement}
 */
export function canvas(width, height, draw) {
    const made = Object.assign(document.createElement("canvas"), { width: Math.max(1, width), height: Math.max(1, height) });
    const context = /** @type {CanvasRenderingContext2D} */ (made.getContext("2d"));
    context.imageSmoothingQuality = "high";
    draw(context);
    return made;
}

/**
 * A link that is followed at once: a file to keep.
 * @param {string} address
 * @param {string} name
 */
export function saveFile(address, name) {
    Object.assign(document.createElement("a"), { href: address, download: name }).click();
}
