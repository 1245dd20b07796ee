import {
  headerValue,
  type PersonalHeader,
  sameName,
} from "@/lib/contracts/servers/personal-headers";
import {
  clearKeyRejected,
  findPersonalKey,
  type PersonalKeyRow,
  saveKeyRejected,
} from "@/lib/db/accounts/personal-key";
import { AuthorizationRequiredError, ConflictError } from "@/lib/errors";
import type { McpTarget, PersonalKeySource } from "@/lib/mcp/target";
import { recordRefusedKey } from "@/lib/oauth/recorded-exchange";
import { missingHeaders, openPersonalKey } from "@/lib/tokens/personal-key";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { isRejected } from "@/lib/tokens/token-set";

/**
 * The target with this person's own key among its headers, or with the reason why it is missing.
 * @param target without a key
 * @throws ConflictError | SealedBoxError
 */
export async function withPersonalKey(
  ctx: RefreshContext,
  target: McpTarget,
  person: { headers: readonly PersonalHeader[]; userId: string; evenIfRefused: boolean },
): Promise<McpTarget> {
  const { endpoint, serverId, version, serverName } = target;
  if (endpoint.transport === "STDIO") return target;
  const key = await findPersonalKey(ctx.db, { serverId, userId: person.userId });
  if (!key) return { ...target, notConnected: "You have not entered your key yet." };
  // A key was entered for the URL of one configuration, and goes to no other.
  if (key.serverVersion !== version) {
    throw new ConflictError("The settings of this MCP server changed during the call. Try again.");
  }
  const missing = missingHeaders(person.headers, key).map(({ name }) => name);
  if (missing.length > 0) {
    return { ...target, notConnected: `${serverName} now needs ${missing.join(", ")} as well.` };
  }
  if (isRejected(key, ctx.now()) && !person.evenIfRefused) {
    return { ...target, notConnected: key.rejectedReason ?? refusedWords(serverName) };
  }
  const values = Object.entries(openPersonalKey(ctx.keyring, key));
  const headers = person.headers.map((header) => {
    const value = values.find(([name]) => sameName(name, header.name))?.[1] ?? "";
    return [header.name, headerValue(header, value)];
  });
  return {
    ...target,
    endpoint: { ...endpoint, headers: { ...endpoint.headers, ...Object.fromEntries(headers) } },
    personalKey: sourceOf(ctx, target, key, endpoint.url),
  };
}

function sourceOf(
  ctx: RefreshContext,
  target: McpTarget,
  sent: PersonalKeyRow,
  url: string,
): PersonalKeySource {
  const { serverId, userId } = sent;
  return {
    async refused() {
      const reason = refusedWords(target.serverName);
      const stored = await findPersonalKey(ctx.db, { serverId, userId });
      if (stored && sameValues(ctx, stored, sent)) {
        await saveKeyRejected(ctx.db, stored, reason, ctx.now());
        ctx.flows.record({
          ...{ serverId, ownerKey: userId, kind: "PERSONAL_KEY", trigger: "call" },
          ...{ outcome: "failed", reason, steps: [recordRefusedKey(ctx.now(), url)] },
        });
      }
      throw new AuthorizationRequiredError(target, reason);
    },
    async accepted() {
      if (sent.rejectedAt !== null) await clearKeyRejected(ctx.db, { serverId, userId });
    },
  };
}

/** A connection may outlive its key, and the same value may have been entered again. */
function sameValues(ctx: RefreshContext, one: PersonalKeyRow, other: PersonalKeyRow): boolean {
  const [first, second] = [one, other].map((row) =>
    JSON.stringify(Object.entries(openPersonalKey(ctx.keyring, row)).sort()),
  );
  return first === second;
}

function refusedWords(serverName: string): string {
  return `${serverName} refuses your key (401). Enter a new one.`;
}
