import { parseUrl } from "@/lib/parse-url";
import type { UrlPart, VendorServer } from "./vendor-server";

/** The part of an entry needed to determine its URL. */
export type UrlTemplate = Pick<VendorServer, "url" | "urlParts">;

export type UrlPartProblem = { name: string; message: string };

export type VendorServerUrl =
  | { ok: true; url: string }
  /** In the order of the parts. */
  | { ok: false; problems: UrlPartProblem[] };

const hostPart = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;
const longestPart = 200;

/**
 * Puts an admin's values into a URL's named parts. A value stays within its part: in the host it may only have letters,
 * digits, `-`, `_` and `.`, elsewhere it is percent-encoded, so that no value changes which host is called.
 */
export function vendorServerUrl(
  template: UrlTemplate,
  values: Readonly<Record<string, string>>,
): VendorServerUrl {
  const { scheme, hostTemplate, rest } = split(template.url);
  const parts = template.urlParts.filter(({ name }) => template.url.includes(`{${name}}`));
  const given = new Map(parts.map(({ name }) => [name, values[name]?.trim() ?? ""]));
  const problems = parts.flatMap((part) => {
    const inHost = hostTemplate.includes(`{${part.name}}`);
    const message = partProblem(part, given.get(part.name) ?? "", inHost);
    return message === null ? [] : [{ name: part.name, message }];
  });
  if (problems.length > 0) return { ok: false, problems };
  const host = filled(hostTemplate, (name) => given.get(name) ?? "").toLowerCase();
  const url = `${scheme}${host}${filled(rest, (name) => encodeURIComponent(given.get(name) ?? ""))}`;
  if (parseUrl(url)?.host !== host) {
    const name = parts[0]?.name ?? "";
    return { ok: false, problems: [{ name, message: "Enter the name of a host." }] };
  }
  return { ok: true, url };
}

/**
 * Whether a URL is an entry's: `exact`, or below its path; `host`, if only the host is the same; null: neither.
 */
export function matchVendorServer(template: UrlTemplate, address: string): "exact" | "host" | null {
  const url = parseUrl(address);
  const { scheme, hostTemplate, rest } = split(template.url);
  if (url === null || `${url.protocol}//` !== scheme) return null;
  if (!pattern(hostTemplate, "[a-z0-9._-]+").test(url.host)) return null;
  const ending = template.urlParts.find(({ name }) => hostTemplate.endsWith(`{${name}}`));
  if (ending && !isWithin(ending, url.host)) return null;
  const [path = "", query] = rest.split("?");
  const asked = url.pathname.replace(/\/+$/, "");
  const samePath = pattern(path.replace(/\/+$/, ""), "[^/]+", "(/.*)?").test(asked);
  const sameQuery = query === undefined || pattern(query, "[^&]+").test(url.search.slice(1));
  return samePath && sameQuery ? "exact" : "host";
}

/** The catalogue has only https; tests pass their own servers. */
function split(url: string): { scheme: string; hostTemplate: string; rest: string } {
  const [, scheme = "", hostTemplate = "", rest = ""] =
    /^(https?:\/\/)([^/?]*)(.*)$/.exec(url) ?? [];
  return { scheme, hostTemplate, rest };
}

function filled(template: string, put: (name: string) => string): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => put(name));
}

function pattern(template: string, part: string, after = ""): RegExp {
  const escaped = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\{\w+\}/g, part)}${after}$`);
}

/** What is wrong with a value, and how to fix it; null: nothing. */
function partProblem(part: UrlPart, value: string, inHost: boolean): string | null {
  if (value === "") return `Enter the ${part.label}, such as ${part.example}.`;
  if (value.length > longestPart) return `Shorten it to ${longestPart} characters.`;
  if (!inHost) {
    return isPathPart(value) ? null : `Enter only the ${part.label}, such as ${part.example}.`;
  }
  const labels = value.split(".");
  if (!hostPart.test(value) || labels.some((label) => label === "" || label.length > 63)) {
    return `Enter only the ${part.label}, such as ${part.example}: letters, digits, hyphens, underscores and dots.`;
  }
  if (part.within && !isWithin(part, value)) {
    return `Enter a host that ends in ${part.within.map((domain) => `.${domain}`).join(", ")}.`;
  }
  return null;
}

/** A dot segment would be another path, encoded or not, and a lone surrogate cannot be encoded. */
function isPathPart(value: string): boolean {
  return !/^(\.|%2e){1,2}$/i.test(value) && !/[\p{Cc}\p{Cs}]/u.test(value);
}

function isWithin({ within = [] }: UrlPart, host: string): boolean {
  return within.some((domain) => host.toLowerCase().endsWith(`.${domain}`));
}
