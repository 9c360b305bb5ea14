// Spearman's rank correlation: nasnet_demo/numerics.py, and how alike two maps are: nasnet_demo/checks/randomisation.py.

/** @import {Heat} from "./types.js" */

/**
 * 1 for the same order, -1 for the opposite, 0 if all numbers of one are equal.
 * @param {Float32Array} a
 * @param {Float32Array} b
 */
export function rankCorrelation(a, b) {
    const [mine, other] = [ranks(a), ranks(b)];
    const mean = (a.length + 1) / 2;
    let [product, squareA, squareB] = [0, 0, 0];
    mine.forEach((rank, i) => {
        product += (rank - mean) * (other[i] - mean);
        squareA += (rank - mean) ** 2;
        squareB += (other[i] - mean) ** 2;
    });
    return product / (Math.sqrt(squareA * squareB) || 1);
}

/**
 * Ranks from 1 on; equal numbers share their mean rank.
 * @param {Float32Array} values
 */
export function ranks(values) {
    const sorted = values.slice().sort();
    /** @type {Map<number, number>} */
    const ranked = new Map();
    for (let from = 0, to = 0; from < sorted.length; from = to) {
        while (to < sorted.length && sorted[to] === sorted[from]) to++;
        ranked.set(sorted[from], (from + 1 + to) / 2);
    }
    return Float64Array.from(values, (value) => ranked.get(value) ?? NaN);
}

/**
 * How much of a map is left: the correlation of absolute values; 1 for two maps in the same order, 0 if only one is flat.
 * @param {Heat} one
 * @param {Heat} other
 */
export function likeness(one, other) {
    const [first, second] = [one.values.map(Math.abs), other.values.map(Math.abs)];
    const [before, after] = [ranks(first), ranks(second)];
    return before.every((rank, i) => rank === after[i]) ? 1 : rankCorrelation(first, second);
}
