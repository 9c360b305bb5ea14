// Numbers as people read them: as nasnet_demo/ui/fragments.py writes them.

/** @param {number} probability */
export function percent(probability) {
    if (probability < 0.001) return "less than 0.1%";
    return probability >= 0.9995 && probability < 1 ? "more than 99.9%" : `${(100 * probability).toFixed(1)}%`;
}

/**
 * A number of no particular size: two digits that count, or a whole number.
 * @param {number} value
 */
export function plain(value) {
    if (Math.abs(value) >= 10) return Math.round(value).toLocaleString("en").replace("-", "−");
    const digits = value === 0 ? 0 : Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value))));
    return value.toFixed(Math.min(100, digits)).replace("-", "−");
}

/**
 * Two decimals with a proper minus.
 * @param {number} value
 * @param {boolean} [sign]
 */
export function decimals(value, sign = false) {
    return `${sign && value >= 0 ? "+" : ""}${value.toFixed(2)}`.replace("-", "−");
}

/**
 * With a sign and so many digits that count, such as +0.25 or −3.1: what a drawing says of an operation.
 * @param {number} value
 * @param {number} digits
 */
export function signedDigits(value, digits) {
    const written = Math.abs(value) >= 10 ** digits ? Math.round(value).toLocaleString("en") : general(value, digits);
    return `${value < 0 || Object.is(value, -0) ? "" : "+"}${written}`.replace("-", "−");
}

/**
 * As Python's format "g": no zeros at the end, and a power of ten for the smallest.
 * @param {number} value
 * @param {number} digits
 */
function general(value, digits) {
    const [number, power] = value.toExponential(digits - 1).split("e");
    const short = (/** @type {string} */ text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
    if (value === 0) return Object.is(value, -0) ? "-0" : "0";
    if (Number(power) >= -4 && Number(power) < digits) return short(value.toFixed(Math.max(0, digits - 1 - Number(power))));
    return `${short(number)}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}
