// What a picture's file says of itself at its beginning, so that one that is too large is refused before it is decoded.

/** @typedef {{form: string, width: number, height: number}} Header */

const LOOKED_AT = 1 << 18; // bytes; a JPEG may have a thumbnail before its size
const SIZES = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]; // JPEG's markers with one

/**
 * The format and, where it is told, the size of a picture (else 0); null for what is no picture that browsers read.
 * @param {Blob} file
 * @returns {Promise<Header | null>}
 */
export async function header(file) {
    const bytes = new DataView(await file.slice(0, LOOKED_AT).arrayBuffer());
    const start = String.fromCharCode(...new Uint8Array(bytes.buffer.slice(0, 16)));
    for (const [form, begins, size] of FORMATS) {
        if (!begins.test(start)) continue;
        try {
            const [width, height] = size(bytes, start);
            return { form, width, height };
        } catch {
            return { form, width: 0, height: 0 }; // it is cut off: whoever decodes it will say so
        }
    }
    return null;
}

/** @type {[string, RegExp, (bytes: DataView, start: string) => [number, number]][]} */
const FORMATS = [
    ["JPEG", /^\xff\xd8\xff/, jpegSize],
    ["PNG", /^\x89PNG\r\n\x1a\n/, (bytes) => [bytes.getUint32(16), bytes.getUint32(20)]],
    ["GIF", /^GIF8/, (bytes) => [bytes.getUint16(6, true), bytes.getUint16(8, true)]],
    ["BMP", /^BM/, (bytes) => [Math.abs(bytes.getInt32(18, true)), Math.abs(bytes.getInt32(22, true))]],
    ["WebP", /^RIFF....WEBP/s, webpSize],
    ["AVIF", /^....ftyp(avif|avis|mif1)/s, () => [0, 0]],
];

/**
 * @param {DataView} bytes
 * @returns {[number, number]}
 */
function jpegSize(bytes) {
    for (let at = 2; ; ) {
        if (bytes.getUint8(at) !== 0xff) throw new RangeError("no marker");
        const marker = bytes.getUint8(at + 1);
        if (SIZES.includes(marker)) return [bytes.getUint16(at + 7), bytes.getUint16(at + 5)];
        at += marker === 0xff ? 1 : 2 + bytes.getUint16(at + 2);
    }
}

/**
 * Of the three kinds of WebP: with more than a picture in it, without losses, and with them.
 * @param {DataView} bytes
 * @returns {[number, number]}
 */
function webpSize(bytes) {
    const kind = String.fromCharCode(bytes.getUint8(15));
    const three = (/** @type {number} */ at) => bytes.getUint16(at, true) + (bytes.getUint8(at + 2) << 16);
    if (kind === "X") return [three(24) + 1, three(27) + 1];
    if (kind === " ") return [bytes.getUint16(26, true) & 0x3fff, bytes.getUint16(28, true) & 0x3fff];
    const bits = bytes.getUint32(21, true);
    return [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1];
}
