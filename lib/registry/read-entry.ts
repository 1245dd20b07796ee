import type { RegistryRemote, RegistryServer } from "@/lib/contracts/catalogue/registry";
import { parseUrl } from "@/lib/parse-url";
import { oneLine } from "@/lib/untrusted-text";

const longest = { name: 200, title: 80, description: 300, version: 80, url: 2000, part: 100 };
const most = { remotes: 10, headers: 20, parts: 10, choices: 20 };
const officialMeta = "io.modelcontextprotocol.registry/official";

/** `kind`s that registries of all ages use. */
const transportOf: Readonly<Record<string, RegistryRemote["transport"]>> = {
  "streamable-http": "STREAMABLE_HTTP",
  streamable: "STREAMABLE_HTTP",
  http: "STREAMABLE_HTTP",
  sse: "SSE",
};

export type ReadEntry = { server: RegistryServer } | { leftOut: string } | null;

/**
 * An entry of a registry's list. Registries before v0.1 list the server itself.
 *
 * @returns null if its publisher has deleted it
 * @see https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/server-json/generic-server-json.md
 */
export function readRegistryEntry(entry: unknown): ReadEntry {
  const outer = record(entry);
  const server = record(outer?.server) ?? outer;
  const name = text(server?.name, longest.name);
  if (!server || name === "") return { leftOut: "An entry without a name." };
  const official = record(record(outer?._meta)?.[officialMeta]) ?? {};
  const status = text(official.status, 20) || text(server.status, 20);
  if (status === "deleted") return null;
  const leftOut: string[] = [];
  const remotes = list(server.remotes)
    .slice(0, most.remotes)
    .flatMap((remote) => {
      const read = readRemote(record(remote) ?? {});
      if (typeof read !== "string") return [read];
      leftOut.push(read);
      return [];
    });
  return {
    server: {
      name,
      title: text(server.title, longest.title) || lastPart(name),
      description: text(server.description, longest.description),
      version: text(server.version, longest.version),
      status: status === "deprecated" ? "deprecated" : "active",
      isLatest: official.isLatest === true,
      updatedAt: time(official.updatedAt) ?? time(official.publishedAt),
      website: httpsUrl(server.websiteUrl),
      remotes,
      leftOut,
    },
  };
}

/** @returns a reason if it cannot be used */
function readRemote(remote: Record<string, unknown>): RegistryRemote | string {
  const url = text(remote.url, longest.url);
  const type = text(remote.type ?? remote.transport_type, 40);
  const transport = transportOf[type];
  if (!transport) return `A URL of the type “${type}”, which Usher does not know.`;
  const variables = record(remote.variables) ?? {};
  const names = [...new Set([...url.matchAll(/\{([^{}]+)\}/g)].map(([, name = ""]) => name))];
  const strange = names.find((name) => !/^\w+$/.test(name));
  if (strange) return `“${url}”, whose part “${strange}” Usher cannot fill in.`;
  // With its parts filled in, it must be a URL.
  const example = parseUrl(url.replace(/\{[^{}]+\}/g, "x"));
  if (!example || !/^https?:$/.test(example.protocol))
    return `“${url}”, which is not a web address.`;
  if (example.username !== "" || example.password !== "") return "A URL with a password in it.";
  if (names.length > most.parts) return `“${url}”, which has too many parts to fill in.`;
  return {
    transport,
    url,
    urlParts: names.map((name) => readPart(name, record(variables[name]) ?? {})),
    headers: list(remote.headers).slice(0, most.headers).flatMap(readHeader),
  };
}

function readPart(name: string, variable: Record<string, unknown>) {
  return {
    name: oneLine(name, longest.part),
    description: text(variable.description, longest.description),
    default: text(variable.default, longest.part),
    choices: list(variable.choices)
      .map((choice) => text(choice, longest.part))
      .filter(Boolean)
      .slice(0, most.choices),
  };
}

function readHeader(given: unknown): RegistryRemote["headers"] {
  const header = record(given) ?? {};
  const name = text(header.name, longest.part);
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return [];
  const description = text(header.description, longest.description);
  const secret = header.isSecret ?? header.is_secret;
  const required = header.isRequired ?? header.is_required;
  return [{ name, description, required: required === true, secret: secret === true }];
}

function record(value: unknown): Record<string, unknown> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as Record<string, unknown>;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown, maxLength: number): string {
  return typeof value === "string" ? oneLine(value, maxLength) : "";
}

function time(value: unknown): string | null {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

function httpsUrl(value: unknown): string | null {
  const url = typeof value === "string" ? parseUrl(value) : null;
  return url?.protocol === "https:" && url.href.length <= longest.url ? url.href : null;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
