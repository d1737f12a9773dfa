/** «:smi» in a text: which emoji somebody may be about to write. */

const BEGUN = /(?:^|[\s(*_~>-]):([\p{L}\p{N}_+-]{2,32})$/u;

/**
 * The «:…» that is being written at *caret*: where it begins, and what stands behind the «:».
 *
 * @param {string} text @param {number} caret
 */
export function emojiBegunAt(text, caret) {
  const query = BEGUN.exec(text.slice(Math.max(0, caret - 40), caret))?.[1];
  return query === undefined ? null : { at: caret - query.length - 1, query };
}
