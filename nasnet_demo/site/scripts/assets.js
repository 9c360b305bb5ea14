// Where the site's files are: beside the page, or, in the edition that is a single file, inside it.
//
// A path is as in the folder, such as "photos/red_panda.jpg". In the single file every one of them is an element
// <script type="application/octet-stream" data-asset="PATH"> with its bytes, packed by gzip and written in base64.

import { fromHalf } from "./half.js";

/** @import {Data} from "./types.js" */

/** @type {Map<string, string>} */
const urls = new Map();

/**
 * The address of a file: for images, links, workers and `fetch`. The single file must have been unpacked (`unpack`).
 * @param {string} path
 * @returns {string}
 */
export function assetUrl(path) {
    return urls.get(path) ?? new URL(path, document.baseURI).href;
}

/**
 * Gives every embedded file an address; to be awaited once, before anything else. Nothing to do in the folder.
 * @returns {Promise<void>}
 */
export async function unpack() {
    const packed = /** @type {NodeListOf<HTMLScriptElement>} */ (document.querySelectorAll("script[data-asset]"));
    await Promise.all([...packed].map(unpackOne));
}

/** @param {HTMLScriptElement} element */
async function unpackOne(element) {
    const bytes = fromBase64(element.textContent ?? "");
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const blob = new Blob([await new Response(stream).arrayBuffer()], { type: element.dataset.type });
    urls.set(element.dataset.asset ?? "", URL.createObjectURL(blob));
    element.textContent = "";
}

/** @type {Data | undefined} */
let known;

/**
 * What the page says and shows, from the element #data: the same in both editions.
 * @returns {Data}
 */
export function data() {
    known ??= JSON.parse(document.getElementById("data")?.textContent ?? "{}");
    return /** @type {Data} */ (known);
}

/**
 * The feature vectors of the example photographs, in the order of data().examples.
 * @returns {Float32Array[]}
 */
export function exampleFeatures() {
    const halves = new Uint16Array(fromBase64(data().features).buffer);
    const length = halves.length / data().examples.length;
    return data().examples.map((_, i) => Float32Array.from(halves.subarray(i * length, (i + 1) * length), fromHalf));
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64(text) {
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    return bytes;
}
