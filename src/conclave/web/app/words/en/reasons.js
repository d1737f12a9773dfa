/** Why something was refused, in words. */

/** Why something was refused, by the protocol's code. @type {Map<string, string>} */
export const REASONS = new Map(
  Object.entries({
    auth_required: "sign in first.",
    auth_failed: "this token is not known here.",
    bad_request: "the server could not read it.",
    unknown_type: "this server does not know how.",
    not_in_room: "you are not in this room now.",
    too_many_rooms: "these are as many rooms as one may have.",
    no_such_room: "there is no such room, or it is not open to you.",
    no_such_message: "this message is not there.",
    no_such_user: "there is nobody of this name.",
    not_found: "it is not there, or not good any more.",
    no_such_command: "there is no such command here.",
    away: "the bot that answers this is away.",
    unanswered: "the bot did not answer in time. It may have done it.",
    conflict: "it does not fit what is so now.",
    name_taken: "somebody has this name already.",
    password_required: "say your password once more.",
    room_exists: "a room of this name is there already.",
    room_full: "the room is full.",
    forbidden: "you may not do this here.",
    muted: "you are muted in this room.",
    banned: "you are banned from this room.",
    archived: "the room is archived.",
    too_long: "the text is too long.",
    too_large: "the file is too large.",
    bad_file: "it is damaged, or of a kind that is not taken here.",
    no_space: "there is no room for more files.",
    id_reused: "it was confused with another message.",
    rate_limited: "too much was sent in a short time.",
    busy: "the server is busy.",
    unavailable: "the server cannot store anything at the moment.",
    internal: "something failed on the server.",
    connection_lost: "the connection broke before the answer came.",
    no_answer: "the server did not answer in time. It may be stored; trying again will not double it.",
  }),
);

/** @param {string | null} code */
export const reason = (code) => REASONS.get(code ?? "internal") ?? "the server refused it.";
