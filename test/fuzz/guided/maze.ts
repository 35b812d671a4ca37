/** Code whose last block only one text in four thousand millions reaches: a guided fuzzer goes a step at a time. */
export function maze(text: string): void {
  if (text.charCodeAt(0) !== 115) return;
  if (text.charCodeAt(1) !== 112) return;
  if (text.charCodeAt(2) !== 97) return;
  if (text.charCodeAt(3) === 110) throw new Error("the end");
}
