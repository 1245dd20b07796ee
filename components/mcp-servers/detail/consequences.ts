import { counted } from "@/components/mcp-servers/server-words";
import { listed } from "@/components/ui/list/listed";
import { callsWork, storedAccounts } from "@/lib/contracts/connections/connection-standing";
import { returnsAtNextCallWords } from "@/lib/contracts/connections/revoke-message";
import { accountUsed } from "@/lib/contracts/servers/kinds";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";

export function consequencesOfDeleting(server: McpServerDetail): string[] {
  const { assistants, people, connection, tokenSharing } = server;
  const working = people.connected + people.retrying;
  const lines: string[] = [];
  if (assistants.length > 0) {
    const names = listed(
      assistants.map(({ name }) => name),
      5,
    );
    lines.push(`${names} can no longer use its tools.`);
  }
  const account = tokenSharing && accountUsed(tokenSharing);
  if (account === "person" && working > 0) {
    lines.push(`${counted(working, "person is", "people are")} disconnected.`);
  }
  if (account === "team" && connection && callsWork(connection.standing)) {
    lines.push("The shared account is disconnected.");
  }
  lines.push("Its settings, secrets, tokens and tool list are deleted.");
  return lines;
}

export function consequencesOfRevoking(server: McpServerDetail): string[] {
  const perUser = server.tokenSharing && accountUsed(server.tokenSharing) === "person";
  if (server.connection?.personalKey) {
    return [
      `The stored keys of ${counted(storedAccounts(server.people), "person", "people")} are deleted. They stay valid at the provider.`,
      "Calls ask each person for their key again.",
    ];
  }
  const bySignIn = server.tokenSharing === "ORGANIZATION";
  return [
    perUser
      ? `The stored tokens of ${counted(storedAccounts(server.people), "person", "people")} are deleted, and pending authorizations are cancelled.`
      : "The stored tokens are deleted, and pending authorizations are cancelled.",
    server.oauthClient?.revocationEndpoint
      ? "The provider is also asked to revoke them."
      : "No revocation URL is set, so the provider is not asked: access tokens stay valid there until they expire.",
    bySignIn
      ? returnsAtNextCallWords
      : server.assistants.length > 0
        ? `${listed(server.assistants.map(({ name }) => name))} cannot call it until ${perUser ? "people authorize" : "an admin authorizes"} again.`
        : "Calls fail until somebody authorizes again.",
  ];
}
