/** Was zur Seite selbst gesagt wird: ein Teil, der nicht kam, eine neue Fassung. */

/** @type {typeof import("../en/fetching.js").fetching} */
export const fetching = {
  fetching: {
    failed: "Ein Teil der Seite kam nicht an.",
    again: "Noch einmal",
    reload: "Neu laden",
    newer: "Eine neue Fassung ist da.",
    later: "Später",
  },
};
