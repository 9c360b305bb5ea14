// Parts of a network and switching them off, as nasnet_demo/cells/gates.py. A place is CELL[:BLOCK[:SIDE]].

/** @import {Gate} from "./types.js" */

/**
 * Indices of the gates at a place; none if there is no such place.
 * @param {Gate[]} gates
 * @param {string} place
 * @returns {number[]}
 */
export function select(gates, place) {
    const [cell, block, side] = place.split(":");
    return [...gates.keys()].filter((i) => {
        const gate = gates[i];
        return (
            gate.cell === cell &&
            (block === undefined || String(gate.block) === block) &&
            (side === undefined || gate.side === side)
        );
    });
}

/**
 * All places of a cell: the whole cell, then each block and its operations.
 * @param {Gate[]} gates
 * @param {string} cell
 * @returns {string[]}
 */
export function places(gates, cell) {
    const own = gates.filter((gate) => gate.cell === cell);
    const parts = own.flatMap((gate) => [...(gate.side === "left" ? [`${cell}:${gate.block}`] : []), gate.place]);
    return [cell, ...parts];
}

/**
 * The places that are off after one was switched: on if all of it was off, else off. As few places as can say it.
 * @param {Gate[]} gates
 * @param {string[]} off
 * @param {string} place
 * @returns {string[]}
 */
export function switched(gates, off, place) {
    const closed = new Set(off.flatMap((other) => select(gates, other)));
    const chosen = select(gates, place);
    const wasOff = chosen.every((i) => closed.has(i));
    for (const i of chosen) wasOff ? closed.delete(i) : closed.add(i);
    const cells = [...new Set(gates.map((gate) => gate.cell))];
    /** @type {string[]} */
    const found = [];
    for (const name of cells.flatMap((cell) => places(gates, cell))) {
        const indices = select(gates, name);
        if (!indices.every((i) => closed.has(i))) continue;
        found.push(name); // the whole comes before its parts
        for (const i of indices) closed.delete(i);
    }
    return found;
}

/**
 * Whether all of a place is off.
 * @param {Gate[]} gates
 * @param {string[]} off
 * @param {string} place
 * @returns {boolean}
 */
export function isOff(gates, off, place) {
    const closed = new Set(off.flatMap((other) => select(gates, other)));
    return select(gates, place).every((i) => closed.has(i));
}

/**
 * A factor for each gate: 0 for what is off, else 1.
 * @param {Gate[]} gates
 * @param {string[]} off
 * @returns {Float32Array}
 */
export function row(gates, off) {
    const values = new Float32Array(gates.length).fill(1);
    for (const i of off.flatMap((place) => select(gates, place))) values[i] = 0;
    return values;
}
