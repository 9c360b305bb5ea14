// The page's own templates, filled in here: those of the page with a server, as templating.py has written them down.
//
// A template's text is ours and is parsed once. Every value goes in afterwards, as text or as an attribute's value, so
// that nothing in a file's or a class's name can become markup.

/** @typedef {any[]} Tree a node: what it is, and what it is made of */
/** @typedef {Record<string, [string[], Tree[], Tree]>} Macros arguments, defaults and body, by name */
/** @typedef {{scope: Record<string, any>, macros: Macros}} Place where names are looked up */

/** What a macro has made: our own markup, and values between it. */
export class Markup {
    /** @param {(string | {text: string})[]} parts */
    constructor(parts) {
        this.parts = parts;
    }

    /** Nothing but spaces is as good as nothing. */
    get empty() {
        return this.parts.every((part) => typeof part === "string" && !part.trim());
    }
}

/**
 * Markup of ours that no template has made, such as a drawing that came with the site.
 * @param {string} html
 */
export function ours(html) {
    return new Markup([html]);
}

/**
 * A macro, filled in.
 * @param {Macros} macros
 * @param {string} name
 * @param {...any} values
 * @returns {Markup}
 */
export function fill(macros, name, ...values) {
    const [names, defaults, body] = macros[name];
    /** @type {Record<string, any>} */
    const scope = {};
    const first = names.length - defaults.length;
    names.forEach((argument, i) => {
        scope[argument] = i < values.length ? values[i] : i >= first ? evaluate(defaults[i - first], { scope: {}, macros }) : undefined;
    });
    return new Markup(write(body, { scope, macros }));
}

const [OPEN, CLOSE] = ["\uE000", "\uE001"]; // of private use: no template has them
const VALUE = /\uE000(\d+)\uE001/g;

/**
 * Markup as elements of the page.
 * @param {Markup} markup
 * @returns {DocumentFragment}
 */
export function build(markup) {
    /** @type {string[]} */
    const values = [];
    const html = markup.parts.map((part) => (typeof part === "string" ? part : `${OPEN}${values.push(part.text) - 1}${CLOSE}`)).join("");
    const made = document.createElement("template");
    made.innerHTML = html.trim();
    /** @param {string} text */
    const put = (text) => text.replace(VALUE, (_, number) => values[number]);
    const walker = document.createTreeWalker(made.content, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node instanceof Text) {
            if (node.data.includes(OPEN)) node.data = put(node.data);
        } else if (node instanceof Element) {
            for (const attribute of node.attributes) {
                if (attribute.value.includes(OPEN)) node.setAttribute(attribute.name, put(attribute.value));
            }
        }
    }
    return made.content;
}

/**
 * @param {Tree} body
 * @param {Place} place
 * @returns {(string | {text: string})[]}
 */
function write(body, place) {
    return body.flatMap((node) => (typeof node === "string" ? [node] : STATEMENTS[node[0]](node, place)));
}

/** @type {Record<string, (node: Tree, place: Place) => (string | {text: string})[]>} */
const STATEMENTS = {
    out: ([, expression], place) => written(evaluate(expression, place)),
    if: ([, test, body, other], place) => write(truth(evaluate(test, place)) ? body : other, place),
    for: ([, names, iterable, body], place) => {
        const items = [...(evaluate(iterable, place) ?? [])];
        return items.flatMap((item, index0) => {
            const loop = { index0, index: index0 + 1, first: index0 === 0, last: index0 === items.length - 1 };
            const scope = Object.assign(Object.create(place.scope), { loop });
            bind(scope, names, names.length > 1 ? item : [item]);
            return write(body, { ...place, scope });
        });
    },
    set: ([, names, expression], place) => {
        bind(place.scope, names, [evaluate(expression, place)]);
        return [];
    },
    block: ([, names, body], place) => {
        bind(place.scope, names, [new Markup(write(body, place))]);
        return [];
    },
};

/**
 * @param {Record<string, any>} scope
 * @param {any[]} names
 * @param {any[]} values
 */
function bind(scope, names, values) {
    names.forEach((name, i) => (Array.isArray(name) ? bind(scope, name, values[i]) : (scope[name] = values[i])));
}

/**
 * A value as it is put into the page: markup as it is, everything else as text.
 * @param {any} value
 * @returns {(string | {text: string})[]}
 */
function written(value) {
    return value instanceof Markup ? value.parts : [{ text: value === undefined || value === null ? "" : String(value) }];
}

/**
 * What counts as true: as in Python, nothing empty does.
 * @param {any} value
 */
function truth(value) {
    if (value instanceof Markup) return !value.empty;
    if (Array.isArray(value)) return value.length > 0;
    return Boolean(value);
}

/**
 * @param {Tree} expression
 * @param {Place} place
 * @returns {any}
 */
function evaluate(expression, place) {
    return EXPRESSIONS[expression[0]](expression, place);
}

/** @type {Record<string, (node: Tree, place: Place) => any>} */
const EXPRESSIONS = {
    const: ([, value]) => value,
    name: ([, name], { scope }) => scope[name],
    list: ([, items], place) => items.map((/** @type {Tree} */ item) => evaluate(item, place)),
    join: ([, items], place) => items.map((/** @type {Tree} */ item) => evaluate(item, place)).join(""),
    not: ([, item], place) => !truth(evaluate(item, place)),
    either: ([, test, one, other], place) => (truth(evaluate(test, place)) ? evaluate(one, place) : other ? evaluate(other, place) : ""),
    at: ([, of, key], place) => evaluate(of, place)?.[evaluate(key, place)],
    slice: ([, of, start, stop], place) => evaluate(of, place).slice(start ? evaluate(start, place) : 0, stop ? evaluate(stop, place) : undefined),
    test: ([, name, item], place) => TESTS[name](evaluate(item, place)),
    filter: ([, name, item, values, named], place) => {
        const given = Object.entries(named).map(([key, value]) => [key, evaluate(value, place)]);
        return FILTERS[name](evaluate(item, place), values.map((/** @type {Tree} */ value) => evaluate(value, place)), Object.fromEntries(given));
    },
    two: ([, operator, left, right], place) => {
        const one = evaluate(left, place);
        if (operator === "and") return truth(one) ? evaluate(right, place) : one;
        if (operator === "or") return truth(one) ? one : evaluate(right, place);
        return OPERATORS[operator](one, evaluate(right, place));
    },
    call: ([, what, values, starred], place) => {
        const given = values.map((/** @type {Tree} */ value) => evaluate(value, place));
        if (starred) given.push(...given.pop());
        if (what[1] === "range") return [...Array(given[0]).keys()];
        if (what[0] === "name") return fill(place.macros, what[1], ...given);
        const [, of, [, method]] = what; // of the two methods that templates use
        return method === "items" ? Object.entries(evaluate(of, place)) : formatted(evaluate(of, place), given[0]);
    },
};

/** @type {Record<string, (one: any, other: any) => any>} */
const OPERATORS = {
    "+": (one, other) => one + other,
    "-": (one, other) => one - other,
    "*": (one, other) => one * other,
    "/": (one, other) => one / other,
    "//": (one, other) => Math.floor(one / other),
    "%": (one, other) => one % other,
    eq: (one, other) => one === other,
    ne: (one, other) => one !== other,
    lt: (one, other) => one < other,
    lteq: (one, other) => one <= other,
    gt: (one, other) => one > other,
    gteq: (one, other) => one >= other,
    in: (one, other) => other.includes(one),
    notin: (one, other) => !other.includes(one),
};

/** @type {Record<string, (value: any) => boolean>} */
const TESTS = { none: (value) => value === null || value === undefined };

/** @type {Record<string, (value: any, values: any[], named: Record<string, any>) => any>} */
const FILTERS = {
    length: (value) => value.length,
    safe: (value) => ours(value), // a text that stands in the template itself
    trim: (value) => value,
    tojson: (value) => JSON.stringify(value),
    format: (pattern, [value]) => formatted(pattern, value),
    sum: (items, _, { attribute }) => items.reduce((/** @type {number} */ sum, /** @type {any} */ item) => sum + item[attribute], 0),
    join: (items, [between = ""]) => {
        if (![between, ...items].some((one) => one instanceof Markup)) return items.join(between);
        return new Markup(items.flatMap((/** @type {any} */ item, /** @type {number} */ i) => [...(i && between ? written(between) : []), ...written(item)]));
    },
    arxiv: (text) => new Markup(String(text).split(/arXiv:([0-9]{4}\.[0-9]{5})/).flatMap((part, i) => {
        if (i % 2 === 0) return [{ text: part }];
        return ["<a target='_blank' rel='noopener' href='https://arxiv.org/abs/", { text: part }, "'>arXiv:", { text: part }, "</a>"];
    })),
};

/**
 * A number by a pattern of Python's, in either of its two ways: "%.2f" or "{:,.1%}".
 * @param {string} pattern
 * @param {any} value
 */
function formatted(pattern, value) {
    return pattern.replace(/%\.(\d)f|\{:?(,?)(?:\.(\d))?([f%]?)\}/, (_, fixed, commas, digits, kind) => {
        if (fixed !== undefined) return Number(value).toFixed(fixed);
        const number = kind === "%" ? 100 * value : value;
        const text = digits === undefined ? String(number) : Number(number).toFixed(digits);
        const [whole, ...rest] = text.split(".");
        return [commas ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole, ...rest].join(".") + (kind === "%" ? "%" : "");
    });
}
