/** Short texts put together to pieces that are worth to be sent, and not worth a wait to those who are served beside it. */

/** Of some hundred lines: a millisecond's work. */
const PIECE = 64 * 1024;
/** Of texts that are empty many are passed over in that time. */
const TEXTS = 1_000;

/** A piece may be empty: then many texts were. */
export function* gathered(texts: Iterable<string>): Generator<string> {
  let piece = "";
  let count = 0;
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE && ++count < TEXTS) continue;
    yield piece;
    piece = "";
    count = 0;
  }
  if (piece !== "") yield piece;
}
