// What is shown, in the words of a link (nasnet_demo/documents/links.py). Everything on the page follows from it: whatever
// is pressed only changes this.

import { data } from "../assets.js";
import { facts, WHOLE_NETWORK } from "./facts.js";

/**
 * @typedef {object} Shown
 * @property {string} step of a lesson, or empty
 * @property {string} tab
 * @property {string} example the photograph, or empty for the visitor's own picture
 * @property {number} own which of the visitor's pictures, counted from 1, or 0
 * @property {string} crop
 * @property {string} class or empty for the likeliest
 * @property {string} versus or empty for none
 * @property {string} method
 * @property {string} cell
 * @property {boolean} same whether maps of all classes have the same scale
 * @property {string} part the open one
 * @property {string[]} off the parts that are off
 * @property {string} tests the maps to put to the test, with commas
 * @property {string} genotype the visitor's own cells, as text
 * @property {string} paint what the operations are painted by
 */
/** @typedef {keyof Shown} Name */

/** @type {Shown} */
export const shown = beginning();

/** What the picture in question is, and which part of it. @type {Name[]} */
export const OF_THE_PICTURE = ["example", "own", "crop"];

/** @type {{names: Name[], act: (changed: Name[]) => void}[]} */
const followers = [];

/**
 * The page as it begins.
 * @returns {Shown}
 */
export function beginning() {
    const { opening, crops, method, start, words, design, trust } = facts();
    return {
        step: "", tab: "look", example: opening, own: 0, crop: crops[0], class: "", versus: "", method, cell: WHOLE_NETWORK, same: false,
        part: start, off: [], tests: trust.first, genotype: design.first, paint: words.truth,
    };
}

/**
 * What a new picture starts with: nothing that was chosen for the one before.
 * @returns {Partial<Shown>}
 */
export function forNewPicture() {
    return { class: "", versus: "", cell: WHOLE_NETWORK, part: facts().start, off: [] };
}

/**
 * @param {Name[]} names
 * @param {(changed: Name[]) => void} act called once for a change of any of them
 */
export function whenever(names, act) {
    followers.push({ names, act });
}

/**
 * Shows something else.
 * @param {Partial<Shown>} changes
 */
export function show(changes) {
    const changed = /** @type {Name[]} */ (Object.keys(changes)).filter((name) => String(changes[name]) !== String(shown[name]));
    Object.assign(shown, changes);
    for (const { names, act } of followers) {
        if (names.some((name) => changed.includes(name))) act(changed);
    }
}

/** The pictures that the visitor has looked at; they are nowhere else. @type {File[]} */
export const ownPictures = [];

/**
 * Whether the network has classes to ask about.
 * @returns {boolean}
 */
export function hasClasses() {
    return data().labels.length > 0;
}
