/** A short sound, made of two tones: no file is fetched for it. */

/** Two notes of a bell, in Hz, and when each begins, in seconds. */
const NOTES = [
  [880, 0],
  [1174.66, 0.12],
];
const LASTS_S = 0.35;
const LOUDNESS = 0.12;

/** @type {AudioContext | null} */
let audio = null;

/** Sound once. What the browser does not allow before one has touched the page stays silent. */
export function chime() {
  audio ??= new AudioContext();
  const { currentTime: now, destination } = audio;
  for (const [hertz, after] of NOTES) ring(audio, destination, /** @type {number} */ (hertz), now + /** @type {number} */ (after));
  if (audio.state === "suspended") void audio.resume();
}

/** @param {AudioContext} context @param {AudioNode} to @param {number} hertz @param {number} at */
function ring(context, to, hertz, at) {
  const tone = new OscillatorNode(context, { frequency: hertz });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, at + 0.01);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + LASTS_S);
  tone.connect(loudness).connect(to);
  tone.start(at);
  tone.stop(at + LASTS_S);
}
