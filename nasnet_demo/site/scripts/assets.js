// Where the site's files are: beside the page, or, in the edition that is a single file, inside it.
//
// A path is as in the folder, such as "photos/red_panda.jpg". In the single file every one of them is an element
// <script type="application/octet-stream" data-asset="PATH"> with its bytes, packed by gzip and written in base64.

import { fromHalf } from "./half.js";

/** @import {Data} from "./types.js" */

/** @type {Map<string, {url: string, blob: Blob}>} */
const embedded = new Map();

/**
 * The address of a file: for images, links, workers and `fetch`. The single file must have been unpacked (`unpack`).
 * @param {string} path
 * @returns {string}
 */
export function assetUrl(path) {
    return embedded.get(path)?.url ?? new URL(path, document.baseURI).href;
}

/**
 * A file for a worker: its address, or the file itself where it is embedded. From a page that was opened by double-click,
 * a worker can fetch nothing.
 * @param {string} path
 * @returns {string | Blob}
 */
export function assetSource(path) {
    return embedded.get(path)?.blob ?? assetUrl(path);
}

/**
 * A module for a worker to import: its address, or all of it in one.
 * @param {string} path
 * @returns {Promise<string>}
 */
export async function moduleSource(path) {
    const source = assetSource(path);
    if (typeof source === "string") return source;
    return `data:text/javascript,${encodeURIComponent(await source.text())}`;
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
    embedded.set(element.dataset.asset ?? "", { url: URL.createObjectURL(blob), blob });
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
