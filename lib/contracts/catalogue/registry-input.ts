import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { newServerInput } from "@/lib/contracts/servers/new-server";
import type { RegistryRemote, RegistryServer } from "./registry";
import type { UrlPart } from "./vendor-server";
import { type UrlPartProblem, vendorServerUrl } from "./vendor-server-url";

/** The parts of a remote's URL, in the form's terms. */
export function registryUrlParts(remote: RegistryRemote): UrlPart[] {
  return remote.urlParts.map(({ name, description, default: usual, choices }) => ({
    name,
    label: name,
    hint: [description, choices.length > 0 ? `One of ${choices.join(", ")}.` : ""]
      .filter(Boolean)
      .join(" "),
    example: usual || choices[0] || "example",
  }));
}

/**
 * The form for a new server, filled in from a registry entry. A registry says nothing about OAuth: Discover finds
 * that out. Headers without which the server does not work are named, so that an admin can enter their values.
 */
export function registryInput(
  server: RegistryServer,
  remote: RegistryRemote,
  values: Readonly<Record<string, string>>,
): { ok: true; input: McpServerInput } | { ok: false; problems: UrlPartProblem[] } {
  const template = { url: remote.url, urlParts: registryUrlParts(remote) };
  const filledIn = vendorServerUrl(template, values);
  if (!filledIn.ok) return filledIn;
  const asked = remote.headers.filter(({ required }) => required);
  const input: McpServerInput = {
    ...newServerInput(),
    ...{ name: server.title, description: server.description, url: filledIn.url },
    transport: remote.transport,
    ...(asked.length > 0
      ? { authentication: "HEADERS", headers: asked.map(({ name }) => `${name}: `).join("\n") }
      : {}),
  };
  return { ok: true, input };
}
