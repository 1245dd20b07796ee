import { parseUrl } from "@/lib/parse-url";

export type ElicitationUrl =
  | {
      ok: true;
      href: string;
      /** As the DNS has it: letters that only look like others show as `xn--`. */
      host: string;
      /** True where the name is written in other letters than the host shows. */
      international: boolean;
    }
  | { ok: false; reason: string };

const MAX_LENGTH = 8_000;

/**
 * Whether a person may be asked to open this address of an MCP server. Usher itself never fetches it.
 * A name and password before the host make `https://bank.example@evil.example` look like the bank's.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#safe-url-handling
 */
export function checkElicitationUrl(address: unknown): ElicitationUrl {
  const isShort = typeof address === "string" && address.length <= MAX_LENGTH;
  const url = isShort ? parseUrl(address) : null;
  if (!url) {
    return refused("The server wants to open something that is not a web address.");
  }
  if (url.protocol !== "https:") {
    return refused("The server wants to open an address that is not https.");
  }
  if (url.username !== "" || url.password !== "") {
    return refused("The server wants to open an address that hides its host behind a user name.");
  }
  const international = url.hostname.split(".").some((label) => label.startsWith("xn--"));
  return { ok: true, href: url.href, host: url.host, international };
}

function refused(reason: string): ElicitationUrl {
  return { ok: false, reason: `${reason} Usher did not open it.` };
}
