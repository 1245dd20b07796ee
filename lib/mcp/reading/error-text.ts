import { isJsonObject, parseBoundedJson, textIn } from "@/lib/bounded-json";

/** Where a reason stands, in JSON-RPC and in what frameworks and gateways send; the first one counts. */
const FIELDS = [
  ...["message", "Message", "error_description", "detail", "details", "reason", "title", "error"],
  ...["errors", "msg", "errorMessage", "body"],
];
/** Where it stands in the XML of AWS, Azure and SOAP. */
const IN_XML = /<(?:\w+:)?(?:message|faultstring|detail)>([^<]+)<\//i;
const DEEPEST = 4;
const MOST_REASONS = 3;

/** The reason in the body of a refusal: of its JSON, or the plain text; nothing from a web page. */
export function errorText(body: string): string {
  if (isHtml(body)) return "";
  let value: unknown;
  try {
    value = parseBoundedJson(body);
  } catch {
    return IN_XML.exec(body.slice(0, 10_000))?.[1] ?? body;
  }
  const error = isJsonObject(value) ? value.error : undefined;
  return isJsonObject(error) ? errorWords(reasonIn(error), error.data) : reasonIn(value);
}

/**
 * The message of a JSON-RPC error with its details: "Invalid params" alone does not say which.
 *
 * @see https://www.jsonrpc.org/specification#error_object — `data`
 */
export function errorWords(message: string, data: unknown): string {
  const isList = typeof data === "object" && data !== null && Object.keys(data).length > 0;
  const detail = reasonIn(data) || (isList ? JSON.stringify(data) : "");
  if (message.includes(detail)) return message;
  return message === "" ? detail : `${message}: ${detail}`;
}

export function isHtml(body: string): boolean {
  return /^\s*(<!--[^>]*-->\s*)*<(!doctype html|html|head|body)\b/i.test(body.slice(0, 1_000));
}

/** The reason in any JSON value; "": none that is known. */
export function reasonIn(value: unknown, depth = 0): string {
  if (typeof value === "string") return value.trim();
  if (depth > DEEPEST) return "";
  if (Array.isArray(value)) {
    const reasons = value.slice(0, MOST_REASONS).map((each) => reasonIn(each, depth + 1));
    return reasons.filter((each) => each !== "").join("; ");
  }
  if (!isJsonObject(value)) return "";
  for (const field of FIELDS) {
    const reason = textIn(value[field])?.trim() ?? reasonIn(value[field], depth + 1);
    if (reason !== "") return reason;
  }
  return "";
}
