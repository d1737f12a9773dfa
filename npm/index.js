/** All that a program of one's own takes from here: see docs/javascript.md. */

export { Client } from "../src/conclave/web/client/client.js";
export { CLOSE, CODES, mayComeBack, RETRYABLE } from "../src/conclave/web/client/codes.js";
export { connect } from "../src/conclave/web/client/conclave.js";
export { Driver } from "../src/conclave/web/client/driver.js";
export { Files } from "../src/conclave/web/client/files.js";
export { Refused } from "../src/conclave/web/client/refused.js";
export { Speech } from "./speech.js";
