// Maps as pictures: nasnet_demo/explanations/rendering.py in the browser. The colours themselves come from there.

import { fromBase64 } from "./assets.js";
import { enlarge } from "./resample.js";

/** @import {Heat} from "./types.js" */

const BRIGHTEST = 0.995; // the share of positions that may be darker than the brightest colour

/**
 * A map scaled to [-1, 1], or [0, 1] if nothing is negative; an all-zero map stays zero.
 * @param {Heat} heat
 * @param {number} [highest] the magnitude that becomes 1; by default such that the highest 0.5 % of them do
 * @returns {Heat}
 */
export function normalise({ height, width, values }, highest = 0) {
    const most = highest || brightest(values);
    return { height, width, values: values.map((value) => (most > 0 ? Math.max(-1, Math.min(1, value / most)) : 0)) };
}

/**
 * The magnitude that 0.5 % of the values exceed, or the highest.
 * @param {Float32Array} values
 * @returns {number}
 */
export function brightest(values) {
    const magnitudes = values.map(Math.abs).sort();
    const at = Math.ceil(BRIGHTEST * (magnitudes.length - 1));
    return magnitudes[at] || magnitudes[magnitudes.length - 1];
}

/**
 * A map as a picture of `width` x `height` pixels in the colours of `table` (data.colours.plain or .signed).
 * @param {Heat} heat
 * @param {number} width
 * @param {number} height
 * @param {string} table
 * @param {{signed?: boolean, highest?: number}} [options]
 * @returns {ImageData}
 */
export function paint(heat, width, height, table, { signed = false, highest = 0 } = {}) {
    const colours = fromBase64(table);
    const { values } = enlarge(normalise(heat, highest), width, height);
    const image = new ImageData(width, height);
    for (let i = 0; i < values.length; i++) {
        const share = signed ? (values[i] + 1) / 2 : values[i];
        const at = 3 * Math.max(0, Math.min(255, Math.trunc(share * 256)));
        image.data.set([colours[at], colours[at + 1], colours[at + 2], 255], 4 * i);
    }
    return image;
}
