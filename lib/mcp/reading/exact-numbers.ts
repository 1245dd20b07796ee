import { endOfString } from "@/lib/bounded-json";

/** Fewer digits are exact in JavaScript's numbers. */
const LONG = /\d{16}/;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

/**
 * The JSON with each integer that JavaScript cannot represent as a text: rounded, the identifier of a record is
 * another record's. Only for a tool's answer and its arguments: in a schema a limit has to stay a number.
 *
 * @param json valid; anything else comes back as something that is not valid either
 */
export function withExactIntegers(json: string): string {
  if (!LONG.test(json)) return json;
  const pieces: string[] = [];
  let kept = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === 0x22) at = endOfString(json, at);
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      NUMBER.lastIndex = at;
      const [number = "", fraction, exponent] = NUMBER.exec(json) ?? [];
      const isInteger = fraction === undefined && exponent === undefined;
      if (isInteger && number !== "" && !Number.isSafeInteger(Number(number))) {
        pieces.push(json.slice(kept, at), `"${number}"`);
        kept = at + number.length;
      }
      at += Math.max(number.length, 1) - 1;
    }
  }
  return pieces.length === 0 ? json : `${pieces.join("")}${json.slice(kept)}`;
}
