// What came with the page, by name: see page.py and, for the rest, types.js of the engine.

import { data } from "../assets.js";

/** @import {Example, Label, Method} from "../types.js" */
/** @import {Macros} from "./templates.js" */

/**
 * @typedef {object} Page
 * @property {Record<string, Macros>} templates macros by template
 * @property {Record<string, string>} describe what a method tells, as HTML
 * @property {Record<string, string>} titles of cells
 * @property {Record<string, string[]>} kinds the classes that an everyday word stands for
 * @property {string} notSure
 * @property {string} noClasses
 * @property {string} opening the example that the page opens with
 * @property {string} start the cell that the Cells tab opens with
 * @property {string} method the method at first
 * @property {string[]} crops
 * @property {string[]} tabs by their names in links
 * @property {Record<string, any>} words
 * @property {any} trust what the test of maps knows: see trust.js
 * @property {any} design operations, published pairs and the pair at first: see design.js
 * @property {Record<string, Record<string, string>>} drawings SVG by kind of cell and by size
 * @property {Record<string, string[]>} links of every step, by lesson
 * @property {Record<string, string[]>} marks the selector of what every step is about, by lesson
 */

export const WHOLE_NETWORK = "activations"; // the place that a map is about at first

/** @returns {Page} */
export function facts() {
    return /** @type {any} */ (data()).page;
}

/**
 * The example photograph of that name.
 * @param {string} name
 * @returns {Example | undefined}
 */
export function exampleOf(name) {
    return data().examples.find((example) => example.name === name);
}

/**
 * @param {string} name
 * @returns {Method}
 */
export function methodOf(name) {
    return data().methods.find((method) => method.name === name) ?? data().methods[0];
}

/** A question about a class that cannot be answered; the message is for the visitor. */
export class Refusal extends Error {
    name = "Refusal";
}

/**
 * Index of a class by any of its names. Throws Refusal, with classes that come close, for one that there is not.
 * @param {string} query
 * @returns {number}
 */
export function findClass(query) {
    const text = query.trim().toLowerCase();
    const { labels } = data();
    /** @param {(label: Label) => boolean} fits */
    const those = (fits) => [...labels.keys()].filter((i) => fits(labels[i]));
    let found = those((label) => text !== "" && (text === label.wnid || text === label.name.toLowerCase()));
    if (!found.length) found = those((label) => label.others.some((other) => other.toLowerCase() === text));
    if (found.length === 1) return found[0];
    if (found.length) throw new Refusal(`'${query}' may be any of: ${found.map((i) => labels[i].name).join(", ")}`);
    throw new Refusal(`no class '${query}'${suggestion(text)}`);
}

const KIN = 12; // classes of a kind that are named

/** @param {string} text */
function suggestion(text) {
    const { kinds } = facts();
    const kin = [text, text.replace(/s$/, ""), text.replace(/es$/, "")].map((word) => kinds[word]).find(Boolean);
    if (kin) {
        const more = kin.length > KIN ? ` and ${kin.length - KIN} more` : "";
        return `; of that kind it knows: ${kin.slice(0, KIN).join(", ")}${more}`;
    }
    const close = data().labels.filter(({ name, others }) => text && [name, ...others].some((one) => isClose(one.toLowerCase(), text)));
    return close.length ? `; did you mean ${close.slice(0, 3).map(({ name }) => name).join(", ")}?` : "";
}

/**
 * Whether one word is part of the other, or most of their pairs of letters are the same.
 * @param {string} name
 * @param {string} text
 */
function isClose(name, text) {
    /** @param {string} word */
    const pairs = (word) => [...word].slice(1).map((letter, i) => word[i] + letter);
    const [one, other] = [pairs(name), pairs(text)];
    const same = one.filter((pair) => other.includes(pair)).length;
    return name.includes(text) || (2 * same) / (one.length + other.length) >= 0.6;
}
