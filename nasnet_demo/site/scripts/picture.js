// From a file to the network's input, in the steps of nasnet_demo/pictures/images.py: upright, over white, in sRGB, made
// smaller by whole numbers if it is large, and the crop resized as Pillow does.

import { header } from "./headers.js";
import { resize } from "./resample.js";

/** @import {Pixels} from "./types.js" */
/** @typedef {Record<string, any>} Limits what a picture may be, and the words that refuse another: data.pictures */

const BAND = 4_000_000; // pixels taken from the browser at a time

/** A picture that cannot be used, in words for the visitor. */
export class Refusal extends Error {}

/**
 * @param {Blob} file
 * @param {Limits} limits
 * @returns {Promise<Pixels>} of at most limits.most pixels
 */
export async function load(file, limits) {
    if (!file.size) throw new Refusal(limits.empty);
    const told = await header(file);
    if (!told) throw new Refusal(limits.unreadable);
    const most = limits.of[told.form];
    if (file.size > most.bytes) throw new Refusal(most.tooManyBytes);
    check(told, most, limits);
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => {
        throw new Refusal(limits.damaged);
    });
    try {
        check(bitmap, most, limits); // not every format tells its size at the beginning
        return pixelsOf(bitmap, shrinking(bitmap, told.form === "JPEG", limits));
    } finally {
        bitmap.close();
    }
}

/**
 * @param {{width: number, height: number}} size 0 where it is not known
 * @param {{pixels: number, tooManyPixels: string}} most
 * @param {Limits} limits
 */
function check({ width, height }, most, limits) {
    if (width * height > most.pixels) throw new Refusal(most.tooManyPixels);
    if (Math.max(width, height) > limits.maxAspect * Math.min(width, height)) throw new Refusal(limits.tooNarrow);
}

/**
 * By how many times a picture is made smaller: as often as its short side stays long enough. Python has a JPEG decoded at
 * 1/2, 1/4 or 1/8 of its size, and shrinks what is still too large.
 * @param {{width: number, height: number}} size
 * @param {boolean} isJpeg
 * @param {Limits} limits
 */
function shrinking({ width, height }, isJpeg, { enough, most }) {
    const fits = Math.floor(Math.min(width, height) / enough);
    const first = (isJpeg && [8, 4, 2].find((times) => fits >= times)) || 1;
    const [across, down] = [Math.ceil(width / first), Math.ceil(height / first)];
    const rest = Math.max(1, Math.floor(Math.min(across, down) / enough), Math.ceil(Math.sqrt((across * down) / most)));
    return first * rest;
}

/**
 * The pixels over white, averaged over squares of `times` x `times`.
 * @param {ImageBitmap} bitmap
 * @param {number} times
 * @returns {Pixels}
 */
function pixelsOf(bitmap, times) {
    const [width, height] = [Math.ceil(bitmap.width / times), Math.ceil(bitmap.height / times)];
    const values = new Uint8Array(width * height * 3);
    const rows = Math.max(1, Math.floor(BAND / (bitmap.width * times))) * times;
    const canvas = new OffscreenCanvas(bitmap.width, Math.min(rows, bitmap.height));
    const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    if (!context) throw new Error("this browser cannot draw");
    for (let from = 0; from < bitmap.height; from += rows) {
        const count = Math.min(rows, bitmap.height - from);
        context.fillStyle = "white";
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.drawImage(bitmap, 0, -from);
        const { data } = context.getImageData(0, 0, bitmap.width, count);
        averaged(data, bitmap.width, count, times, values.subarray((from / times) * width * 3));
    }
    return { height, width, values };
}

/**
 * RGBA in, RGB out: each square's mean, of those at the edge the mean of what there is.
 * @param {Uint8ClampedArray} data
 * @param {number} width
 * @param {number} height
 * @param {number} times
 * @param {Uint8Array} made
 */
function averaged(data, width, height, times, made) {
    let at = 0;
    for (let top = 0; top < height; top += times) {
        const down = Math.min(times, height - top);
        for (let left = 0; left < width; left += times) {
            const across = Math.min(times, width - left);
            for (let c = 0; c < 3; c++) {
                let sum = 0;
                for (let y = top; y < top + down; y++) {
                    for (let x = left; x < left + across; x++) sum += data[4 * (y * width + x) + c];
                }
                made[at++] = Math.floor(sum / (down * across) + 0.5);
            }
        }
    }
}

/**
 * Left, top, right and bottom in pixels of what the network sees.
 * @param {number} width
 * @param {number} height
 * @param {string} crop "evaluation", the central square, or "whole", everything squashed to a square
 * @param {number} fraction of the short side that the square keeps
 * @returns {[number, number, number, number]}
 */
export function cropBox(width, height, crop, fraction) {
    if (crop === "whole") return [0, 0, width, height];
    const side = fraction * Math.min(width, height);
    const [left, top] = [(width - side) / 2, (height - side) / 2];
    return [left, top, left + side, top + side];
}

/**
 * What the network sees: the crop at its own size.
 * @param {Pixels} pixels
 * @param {number} size
 * @param {string} crop
 * @param {number} fraction
 * @returns {Pixels}
 */
export function cropped(pixels, size, crop, fraction) {
    return resize(pixels, size, size, cropBox(pixels.width, pixels.height, crop, fraction));
}

/**
 * @param {Pixels} pixels
 * @returns {Float32Array} [height, width, 3] in [0, 1]
 */
export function toArray({ values }) {
    return Float32Array.from(values, (value) => value / 255);
}

/**
 * Pixels, or a part of them, as a bitmap to show, at most `longest` a side.
 * @param {Pixels} pixels
 * @param {number} longest
 * @param {[number, number, number, number]} [box] whole numbers
 * @returns {Promise<ImageBitmap>}
 */
export function shown({ height, width, values }, longest, [left, top, right, bottom] = [0, 0, width, height]) {
    const [across, down] = [right - left, bottom - top];
    const image = new ImageData(across, down);
    for (let y = 0, at = 0; y < down; y++) {
        for (let x = 0, from = 3 * ((top + y) * width + left); x < across; x++) {
            for (let c = 0; c < 3; c++) image.data[at++] = values[from++];
            image.data[at++] = 255;
        }
    }
    const scale = Math.min(1, longest / Math.max(across, down));
    if (scale === 1) return createImageBitmap(image);
    return createImageBitmap(image, {
        resizeWidth: Math.max(1, Math.round(across * scale)),
        resizeHeight: Math.max(1, Math.round(down * scale)),
        resizeQuality: "medium",
    });
}
