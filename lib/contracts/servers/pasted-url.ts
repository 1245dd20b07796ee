import { parseUrl } from "@/lib/parse-url";

const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i;
/** A host with a public name, or with a port. */
const host = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?(?=[/?#]|$)/i;

/** The URL that a whole text is; without a scheme it is https. Null if it is something else. */
export function pastedUrl(text: string): string | null {
  const address = text.trim();
  if (/\s/.test(address)) return null;
  if (withScheme.test(address)) {
    const url = parseUrl(address);
    return url !== null && /^https?:$/.test(url.protocol) ? address : null;
  }
  if (!host.test(address)) return null;
  const whole = `https://${address}`;
  return parseUrl(whole) === null ? null : whole;
}
