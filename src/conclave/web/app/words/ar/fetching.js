/** ما يقال عن الصفحة نفسها: جزء لم يصل، أو إصدار جديد. */

/** @type {typeof import("../en/fetching.js").fetching} */
export const fetching = {
  fetching: {
    failed: "لم يصل جزء من الصفحة.",
    again: "حاول مجددًا",
    reload: "إعادة التحميل",
    newer: "يتوفر إصدار جديد.",
    later: "لاحقًا",
  },
};
