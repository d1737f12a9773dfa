/** Whether a text is a few emoji and nothing else: those are drawn larger. */

const BASE = String.raw`(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F\u20E3)`;
/** Each sign has one place in it: a choice within the star would be a choice of 2 to the length. */
const MORE = String.raw`(?:\uFE0F|\p{Emoji_Modifier}|[\u{E0020}-\u{E007F}]|\u200D\p{Extended_Pictographic})*`;
const FEW = new RegExp(String.raw`^(?:${BASE}${MORE}\s*){1,6}$`, "u");
/** The longest family of six has fewer units. */
const MOST_UNITS = 200;

/** @param {string} text */
export const isFewEmoji = (text) => text.length <= MOST_UNITS && FEW.test(text);
