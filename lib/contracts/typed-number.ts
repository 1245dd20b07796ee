export type TypedNumber = { ok: true; value: number } | { ok: false; problem: string };

/**
 * A number as people type it: with a point or a comma, and with thousands separators if that
 * leaves one meaning. A single comma before exactly three digits leaves two, so the person is asked. A single
 * point is always a decimal point, which is how programs write numbers.
 */
export function readTypedNumber(typed: string): TypedNumber {
  const text = typed.trim().replace(/^\u2212/, "-");
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text)) return number(text);

  const [, sign = "", digits = ""] = /^([-+]?)(\d[\d.,'\u2019 \u00a0\u202f]*)$/.exec(text) ?? [];
  if (digits === "") return notANumber;
  // No decimal mark is a space or an apostrophe.
  const grouped = /^\d{1,3}(?:['\u2019 \u00a0\u202f]\d{3})+(?=[.,]|$)/.exec(digits)?.[0] ?? "";
  const plain = grouped.replace(/\D/g, "") + digits.slice(grouped.length);
  if (/^\d+(?:[.,]\d+)?$/.test(plain) && grouped !== "") return number(sign + dotted(plain));

  if (/^[1-9]\d{0,2},\d{3}$/.test(plain)) return twoMeanings(sign, plain);
  if (/^\d+,\d*$/.test(plain)) return number(sign + dotted(plain));
  if (/^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/.test(plain)) {
    return number(sign + plain.replaceAll(",", ""));
  }
  if (/^[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/.test(plain)) {
    return number(sign + dotted(plain.replaceAll(".", "")));
  }
  return notANumber;
}

const notANumber: TypedNumber = { ok: false, problem: "Enter a number, such as 1234.5." };

function twoMeanings(sign: string, text: string): TypedNumber {
  const [whole, decimal] = [sign + text.replace(",", ""), sign + dotted(text)];
  return { ok: false, problem: `This can mean ${whole} or ${decimal}. Enter it that way.` };
}

function dotted(text: string): string {
  return text.replace(",", ".");
}

function number(text: string): TypedNumber {
  const value = Number(text);
  return Number.isFinite(value) ? { ok: true, value } : notANumber;
}
