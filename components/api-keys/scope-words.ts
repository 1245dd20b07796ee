import type { ApiScope } from "@/lib/contracts/api-scopes";

type Area = ApiScope extends `${infer Name}:${string}` ? Name : never;

/** What a scope is about, in the order of the pages. */
export const areas: readonly { area: Area; label: string; hint: string }[] = [
  { area: "servers", label: "MCP servers", hint: "Servers, their tools, tests and flows" },
  { area: "connections", label: "Connections", hint: "Accounts, authorizing and disconnecting" },
  { area: "assistants", label: "Assistants", hint: "Assistants and the tools that they have" },
  { area: "chat", label: "Chat", hint: "Your conversations, and asking assistants" },
  { area: "people", label: "People", hint: "The list of people, and disabling somebody" },
  { area: "settings", label: "Settings", hint: "Configuration, models and refreshes" },
  { area: "webhooks", label: "Webhooks", hint: "Webhooks and what was sent to them" },
  { area: "audit", label: "Audit", hint: "The audit log and its export" },
];

export type Access = "none" | "read" | "write";

export const accessWords: Record<Access, string> = {
  none: "No access",
  read: "Read",
  write: "Read and write",
};

/** `write` includes `read`, so one scope for each area is enough. */
export function accessTo(area: Area, scopes: readonly ApiScope[]): Access {
  if (scopes.some((scope) => scope === `${area}:write`)) return "write";
  return scopes.some((scope) => scope === `${area}:read`) ? "read" : "none";
}

export function withAccess(scopes: readonly ApiScope[], area: Area, access: Access): ApiScope[] {
  const others = scopes.filter((scope) => !scope.startsWith(`${area}:`));
  return access === "none" ? others : [...others, `${area}:${access}` as ApiScope];
}

/** Such as "MCP servers: read · Chat: read and write". */
export function scopesInWords(scopes: readonly ApiScope[]): string {
  return areas
    .map(({ area, label }) => ({ label, access: accessTo(area, scopes) }))
    .filter(({ access }) => access !== "none")
    .map(({ label, access }) => `${label}: ${accessWords[access].toLowerCase()}`)
    .join(" · ");
}
