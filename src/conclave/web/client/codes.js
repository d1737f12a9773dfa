/**
 * The codes of errors and closes, and what they advise.
 *
 * Written by scripts/codes.py from protocol/errors.py: change it there.
 */

/** Why a request was refused. */
export const CODES = Object.freeze(["auth_required", "auth_failed", "bad_request", "unknown_type", "not_in_room", "too_many_rooms", "no_such_room", "no_such_message", "no_such_user", "no_such_command", "not_found", "away", "unanswered", "conflict", "name_taken", "password_required", "room_exists", "room_full", "forbidden", "muted", "banned", "archived", "too_long", "too_large", "bad_file", "no_space", "id_reused", "rate_limited", "busy", "unavailable", "internal"]);

/** The same request may succeed later, unchanged. */
export const RETRYABLE = new Set(["away", "busy", "internal", "rate_limited", "unavailable"]);

/** Close codes, by what they mean. */
export const CLOSE = Object.freeze({
  "NORMAL": 1000,
  "GOING_AWAY": 1001,
  "PROTOCOL_ERROR": 1002,
  "UNSUPPORTED_DATA": 1003,
  "NO_STATUS": 1005,
  "ABNORMAL": 1006,
  "INVALID_TEXT": 1007,
  "POLICY": 1008,
  "TOO_BIG": 1009,
  "INTERNAL": 1011,
  "RESTART": 1012,
  "TRY_LATER": 1013,
  "TOKEN_EXPIRED": 4002,
  "SLOW_CONSUMER": 4003,
  "RATE_LIMITED": 4005,
  "STATE_LOST": 4006,
  "TOO_MANY_CONNECTIONS": 4007,
  "SESSION_REVOKED": 4501,
  "BANNED": 4502,
  "IDENTITY_CHANGED": 4503,
  "UNSUPPORTED_VERSION": 4504
});

const AUTH_TIMEOUT_REASON = "Authentication timeout";

/** With GOING_AWAY: the server was told to stop. */
export const STOPPED_REASON = "Server shutting down";

const COME_BACK = new Set([1000, 1001, 1005, 1006, 1011, 1012, 1013]);

const FIRST_COME_BACK = 4000;

const LAST_COME_BACK = 4499;

/**
 * Whether a client may reconnect after this close, with backoff and jitter.
 *
 * @param {number} code
 * @param {string} [reason]
 */
export function mayComeBack(code, reason = "") {
  if (code === CLOSE.POLICY) return reason === AUTH_TIMEOUT_REASON;
  return COME_BACK.has(code) || (code >= FIRST_COME_BACK && code <= LAST_COME_BACK);
}
