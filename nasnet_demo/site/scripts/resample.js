// Pillow's resampling (libImaging/Resample.c), bilinear with antialiasing: a triangle as wide as the shrinking asks for.

/** @import {Heat, Pixels} from "./types.js" */

const BITS = 22; // of a weight's fraction, for eight-bit pixels: 32 - 8 - 2

/**
 * The weights of every new position along one side: where its window starts, and a weight for each old position in it.
 * @param {number} size old positions
 * @param {number} from where the part that is kept starts, in old positions; it may lie between two
 * @param {number} to where it ends
 * @param {number} count new positions
 * @returns {{starts: Int32Array, weights: Float64Array[]}}
 */
export function windows(size, from, to, count) {
    const scale = (to - from) / count;
    const reach = Math.max(scale, 1); // half the triangle's base
    const starts = new Int32Array(count);
    const weights = Array.from({ length: count }, (_, i) => {
        const centre = from + (i + 0.5) * scale;
        const start = Math.max(0, Math.trunc(centre - reach + 0.5));
        const end = Math.min(size, Math.trunc(centre + reach + 0.5));
        starts[i] = start;
        const raw = Float64Array.from({ length: end - start }, (_, k) =>
            Math.max(0, 1 - Math.abs((start + k - centre + 0.5) / reach)),
        );
        const sum = raw.reduce((a, b) => a + b, 0);
        return sum ? raw.map((weight) => weight / sum) : raw;
    });
    return { starts, weights };
}

/**
 * The part `box` (left, top, right, bottom) of RGB pixels, resized; rounded after each direction, as Pillow does.
 * @param {Pixels} pixels
 * @param {number} width
 * @param {number} height
 * @param {[number, number, number, number]} [box]
 * @returns {Pixels}
 */
export function resize(pixels, width, height, box = [0, 0, pixels.width, pixels.height]) {
    const [left, top, right, bottom] = box;
    let made = pixels;
    if (width !== pixels.width || left !== 0 || right !== pixels.width) {
        made = acrossPixels(made, fixed(windows(pixels.width, left, right, width)), width);
    }
    if (height !== pixels.height || top !== 0 || bottom !== pixels.height) {
        made = downPixels(made, fixed(windows(pixels.height, top, bottom, height)), height);
    }
    return made;
}

/** @param {{starts: Int32Array, weights: Float64Array[]}} made */
function fixed({ starts, weights }) {
    return { starts, weights: weights.map((some) => Int32Array.from(some, (w) => Math.trunc(0.5 + w * (1 << BITS)))) };
}

/**
 * @param {Pixels} pixels
 * @param {{starts: Int32Array, weights: Int32Array[]}} along
 * @param {number} width
 * @returns {Pixels}
 */
function acrossPixels({ height, width: before, values }, { starts, weights }, width) {
    const made = new Uint8Array(height * width * 3);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const some = weights[x];
            const first = (y * before + starts[x]) * 3;
            for (let c = 0; c < 3; c++) {
                let sum = 1 << (BITS - 1);
                for (let k = 0, i = first + c; k < some.length; k++, i += 3) sum += values[i] * some[k];
                made[(y * width + x) * 3 + c] = clipped(sum);
            }
        }
    }
    return { height, width, values: made };
}

/**
 * @param {Pixels} pixels
 * @param {{starts: Int32Array, weights: Int32Array[]}} along
 * @param {number} height
 * @returns {Pixels}
 */
function downPixels({ width, values }, { starts, weights }, height) {
    const row = width * 3;
    const made = new Uint8Array(height * row);
    for (let y = 0; y < height; y++) {
        const some = weights[y];
        for (let x = 0; x < row; x++) {
            let sum = 1 << (BITS - 1);
            for (let k = 0, i = starts[y] * row + x; k < some.length; k++, i += row) sum += values[i] * some[k];
            made[y * row + x] = clipped(sum);
        }
    }
    return { height, width, values: made };
}

/** @param {number} sum a weighted sum with BITS of fraction */
function clipped(sum) {
    return Math.min(255, Math.max(0, sum >> BITS));
}

/**
 * A map resized: `rendering.enlarge`.
 * @param {Heat} heat
 * @param {number} width
 * @param {number} height
 * @returns {Heat}
 */
export function enlarge(heat, width, height) {
    const across = windows(heat.width, 0, heat.width, width);
    const wide = width === heat.width ? heat.values : new Float32Array(heat.height * width);
    if (width !== heat.width) {
        for (let y = 0; y < heat.height; y++) {
            for (let x = 0; x < width; x++) {
                const first = y * heat.width + across.starts[x];
                wide[y * width + x] = across.weights[x].reduce((sum, w, k) => sum + w * heat.values[first + k], 0);
            }
        }
    }
    if (height === heat.height) return { height, width, values: wide };
    const down = windows(heat.height, 0, heat.height, height);
    const values = new Float32Array(height * width);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const first = down.starts[y] * width + x;
            values[y * width + x] = down.weights[y].reduce((sum, w, k) => sum + w * wide[first + k * width], 0);
        }
    }
    return { height, width, values };
}
