/**
 * How the page around lets somebody in: it is asked for a token, and its answer counts if it
 * comes from an origin that the operator has named. No token stands in an address.
 */

/** What the page around is asked, and how it begins its answer. */
export const QUESTION = "conclave:token?";
const WITHIN_MS = 10_000;

/**
 * What gets a token, for each connection anew; null where the page around gives none.
 *
 * @param {{around: Window, origins: string[], hear: (listen: (event: MessageEvent) => void) => () => void, later: (what: () => void, ms: number) => void}} given
 * @returns {() => Promise<string | null>}
 */
export function asking({ around, origins, hear, later }) {
  return () =>
    new Promise((resolve) => {
      const stop = hear(({ source, origin, data }) => {
        if (source !== around || !origins.includes(origin)) return;
        const token = tokenIn(data);
        if (token === undefined) return;
        stop();
        resolve(token);
      });
      later(() => {
        stop();
        resolve(null);
      }, WITHIN_MS);
      // To whomever: there is no secret in it, and the frame's ancestors are the operator's choice.
      around.postMessage(QUESTION, "*");
    });
}

/** The token that an answer brings, null for nobody's; undefined where it is no answer. @param {unknown} data */
function tokenIn(data) {
  if (typeof data !== "object" || data === null || !("conclave" in data) || data.conclave !== "token") return undefined;
  return "token" in data && typeof data.token === "string" && data.token !== "" ? data.token : null;
}
