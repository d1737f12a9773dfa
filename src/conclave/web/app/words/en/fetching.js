/** What is said of the page itself: a part that did not come, a version that is new. */

export const fetching = {
  fetching: {
    failed: "A part of the page did not come.",
    again: "Try again",
    reload: "Reload",
    newer: "A new version is here.",
    later: "Later",
  },
};
