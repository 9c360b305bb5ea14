// A map as a .npy file, as numpy.save writes it (format 1.0).

/** @import {Heat} from "./types.js" */

const MAGIC = "\x93NUMPY\x01\x00";
const BLOCK = 64; // bytes; the values start at a multiple

/**
 * @param {Heat} heat
 * @returns {Blob}
 */
export function npy({ height, width, values }) {
    const facts = `{'descr': '<f4', 'fortran_order': False, 'shape': (${height}, ${width}), }`;
    const length = Math.ceil((MAGIC.length + 2 + facts.length + 1) / BLOCK) * BLOCK - MAGIC.length - 2;
    const head = `${MAGIC}${String.fromCharCode(length & 255, length >> 8)}${facts.padEnd(length - 1)}\n`;
    const bytes = Uint8Array.from(head, (letter) => letter.charCodeAt(0));
    return new Blob([bytes, new Float32Array(values)], { type: "application/octet-stream" });
}
