import { counted } from "@/components/mcp-servers/server-words";
import { listed } from "@/components/ui/list/listed";
import type { ConsoleConnection } from "@/lib/contracts/connections/connection-console";
import { formatNumber } from "@/lib/contracts/format";
import { oneLine } from "@/lib/untrusted-text";

export function ownerName({ person }: Pick<ConsoleConnection, "person">): string {
  return person ? oneLine(person.name) : "Shared";
}

/** "Ada Lovelace, Files" */
export function connectionName(row: Pick<ConsoleConnection, "person" | "serverName">): string {
  return `${ownerName(row)}, ${oneLine(row.serverName)}`;
}

/** The effect of revoking these, in numbers and names. */
export function impactOf(rows: readonly ConsoleConnection[]): { title: string; lines: string[] } {
  const [first] = rows;
  const own = rows.filter((row) => row.person !== null && !row.managedByOrganization);
  const managed = rows.filter(({ managedByOrganization }) => managedByOrganization);
  const people = peopleOf(own);
  const servers = serversOf(own);
  const shared = serversOf(rows.filter(({ person }) => person === null));
  const keys = rows.filter(({ isKey }) => isKey).length;
  return {
    title:
      rows.length === 1 && first
        ? `Revoke ${connectionName(first)}?`
        : `Revoke ${counted(rows.length, "connection", "connections")}?`,
    lines: [
      ...(people.length > 0
        ? [
            `${named(people, "people")} ${people.length === 1 ? "loses" : "lose"} access to ${named(servers, "MCP servers")}.`,
          ]
        : []),
      ...(shared.length > 0
        ? [`Nobody can use the shared account of ${listed(shared)} until an admin authorizes it.`]
        : []),
      ...(rows.length > keys
        ? ["Tokens are deleted here, and the provider is asked to revoke them."]
        : []),
      ...(keys > 0
        ? [
            `${counted(keys, "key is", "keys are")} deleted here, and ${keys === 1 ? "stays" : "stay"} valid at the provider.`,
          ]
        : []),
      ...(people.length > 0 ? ["People can connect again at any time."] : []),
      ...(managed.length > 0
        ? [
            `Access from your organization goes on: the next call by ${named(peopleOf(managed), "people")} to ${named(serversOf(managed), "MCP servers")} gets a new token.`,
            "To end somebody’s access, remove them at the identity provider, or take away their access to the server.",
          ]
        : []),
    ],
  };
}

function peopleOf(rows: readonly ConsoleConnection[]): string[] {
  return names(rows.flatMap(({ person }) => (person ? [[person.id, person.name]] : [])));
}

function serversOf(rows: readonly ConsoleConnection[]): string[] {
  return names(rows.map(({ serverId, serverName }) => [serverId, serverName]));
}

/** Each once, though names may be the same. */
function names(pairs: readonly (readonly string[])[]): string[] {
  return [...new Map(pairs.map(([id = "", name = ""]) => [id, oneLine(name)])).values()];
}

/** For one, its name; for more, how many and the first of them. */
function named(all: readonly string[], what: string): string {
  return all.length === 1 ? `${all[0]}` : `${formatNumber(all.length)} ${what} (${listed(all)})`;
}
