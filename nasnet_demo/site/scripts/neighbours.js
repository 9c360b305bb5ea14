// Which pictures are most like another one: cosine similarity of their feature vectors.

/**
 * Indices of the nearest `vectors` and their similarity, nearest first.
 * @param {Float32Array} features
 * @param {Float32Array[]} vectors
 * @param {number} [count]
 * @returns {{index: number, similarity: number}[]}
 */
export function nearest(features, vectors, count = 6) {
    const similarities = vectors.map((other, index) => ({ index, similarity: cosine(features, other) }));
    return similarities.sort((a, b) => b.similarity - a.similarity).slice(0, count);
}

/**
 * Cosine of the angle between two vectors; 0 if one of them is zero.
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @returns {number}
 */
export function cosine(a, b) {
    let product = 0;
    let squareA = 0;
    let squareB = 0;
    for (let i = 0; i < a.length; i++) {
        product += a[i] * b[i];
        squareA += a[i] * a[i];
        squareB += b[i] * b[i];
    }
    return product / (Math.sqrt(squareA * squareB) || 1);
}
