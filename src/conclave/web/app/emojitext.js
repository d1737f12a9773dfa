/** Emoji in a text: whether it is a few of them and nothing else, and which somebody may be about to write. */

const BASE = String.raw`(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F\u20E3)`;
/** Each sign has one place in it: a choice within the star would be a choice of 2 to the length. */
const MORE = String.raw`(?:\uFE0F|\p{Emoji_Modifier}|[\u{E0020}-\u{E007F}]|\u200D\p{Extended_Pictographic})*`;
const FEW = new RegExp(String.raw`^(?:${BASE}${MORE}\s*){1,6}$`, "u");
/** The longest family of six has fewer units. */
const MOST_UNITS = 200;

/** Those are drawn larger. @param {string} text */
export const isFewEmoji = (text) => text.length <= MOST_UNITS && FEW.test(text);

/** «:smi» */
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
