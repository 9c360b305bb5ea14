// Sentences as Python's str.format fills them in: {name}, {share:.1%} and {number:.2f}.

/**
 * @param {string} pattern
 * @param {Record<string, string | number>} values
 */
export function worded(pattern, values) {
    return pattern.replace(/\{(\w+)(?::\.(\d)([%f]))?\}/g, (_, name, digits, kind) => {
        const value = values[name];
        if (digits === undefined) return String(value);
        return kind === "%" ? `${(100 * Number(value)).toFixed(digits)}%` : Number(value).toFixed(digits);
    });
}
