// Names of keys, as steps of WebDriver's key actions.

/** WebDriver's code points of keys without a character (section "Keyboard actions"). */
const CODES = {
  Backspace: "\uE003",
  Tab: "\uE004",
  Enter: "\uE007",
  Shift: "\uE008",
  Control: "\uE009",
  Alt: "\uE00A",
  Escape: "\uE00C",
  PageUp: "\uE00E",
  PageDown: "\uE00F",
  End: "\uE010",
  Home: "\uE011",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
  Delete: "\uE017",
};

/** Steps that press and release a chord such as `Shift+Tab`. */
export function chordSteps(chord) {
  const codes = chord.split("+").map((key) => CODES[key] ?? key);
  const press = codes.map((code) => [true, code]);
  return [...press, ...codes.toReversed().map((code) => [false, code])];
}

/** Steps that type a text, key by key. */
export function textSteps(text) {
  return [...text].flatMap((key) => [[true, key], [false, key]]);
}
