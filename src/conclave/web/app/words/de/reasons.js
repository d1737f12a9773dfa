/** Warum etwas abgelehnt wurde, in Worten. */

/** @type {typeof import("../en/reasons.js").REASONS} */
export const REASONS = new Map(
  Object.entries({
    auth_required: "Melde dich erst an.",
    auth_failed: "Dieses Token ist hier nicht bekannt.",
    bad_request: "Der Server konnte es nicht lesen.",
    unknown_type: "Dieser Server kann das nicht.",
    not_in_room: "Du bist gerade nicht in diesem Raum.",
    too_many_rooms: "Du bist in so vielen Räumen, wie man zugleich sein kann.",
    no_such_room: "Diesen Raum gibt es nicht, oder er ist für dich nicht offen.",
    no_such_message: "Diese Nachricht ist nicht da.",
    no_such_user: "Niemand hat diesen Namen.",
    not_found: "Es ist nicht da oder gilt nicht mehr.",
    no_such_command: "diesen Befehl gibt es hier nicht.",
    away: "der Bot, der das beantwortet, ist nicht da.",
    unanswered: "der Bot hat nicht rechtzeitig geantwortet. Vielleicht hat er es getan.",
    conflict: "Das passt nicht zu dem, was jetzt gilt.",
    name_taken: "Jemand hat diesen Namen schon.",
    password_required: "Gib dein Passwort noch einmal ein.",
    room_exists: "Einen Raum mit diesem Namen gibt es schon.",
    room_full: "Der Raum ist voll.",
    forbidden: "Das darfst du hier nicht.",
    muted: "Du bist in diesem Raum stummgeschaltet.",
    banned: "Du bist in diesem Raum gesperrt.",
    archived: "Der Raum ist archiviert.",
    too_long: "Der Text ist zu lang.",
    too_large: "die Datei ist zu groß.",
    bad_file: "sie ist beschädigt oder von einer Art, die hier nicht angenommen wird.",
    no_space: "für weitere Dateien ist kein Platz.",
    id_reused: "Es wurde mit einer anderen Nachricht verwechselt.",
    rate_limited: "Es war zu viel in kurzer Zeit.",
    busy: "Der Server ist beschäftigt.",
    unavailable: "Der Server kann im Moment nichts speichern.",
    internal: "Auf dem Server ging etwas schief.",
    connection_lost: "Die Verbindung riss ab, bevor die Antwort kam.",
    no_answer: "Der Server hat nicht rechtzeitig geantwortet. Vielleicht ist es gespeichert; ein neuer Versuch verdoppelt es nicht.",
  }),
);

/** @type {typeof import("../en/reasons.js").reason} */
export const reason = (code) => REASONS.get(code ?? "internal") ?? "Der Server hat es abgelehnt.";
