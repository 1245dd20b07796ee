import { personOfOwnerKey } from "@/lib/contracts/connections/account";
import type { McpServerRow, OAuthClientRow } from "@/lib/db/mcp-server";
import { insertLateRevocation } from "@/lib/db/revocations/take-tokens";
import type { Owner, TokenColumns } from "@/lib/db/stored-token-set";
import { keepTrying, untilOver } from "@/lib/work-under-way";
import { type RevocationContext, settleRevocations } from "./settle-revocations";

/** In ms. An unavailable database is waited for. */
const saveForMs = 20_000;

/**
 * Revokes tokens that a provider issued although their account was disconnected in the meantime. They are stored first,
 * so that neither an unavailable provider nor the end of this process loses them.
 */
export async function revokeLate(
  ctx: RevocationContext,
  { serverId, ownerKey }: Owner,
  server: McpServerRow & { oauthClient: OAuthClientRow },
  tokens: TokenColumns,
  accountName: string | null,
): Promise<void> {
  const owner = {
    ...{ serverId, ownerKey, serverName: server.name, accountName },
    userId: personOfOwnerKey(ownerKey),
  };
  const patience = untilOver(saveForMs);
  const id = await keepTrying(
    () => insertLateRevocation(ctx.db, owner, tokens, server.oauthClient, ctx.now()),
    {
      what: "tokens to be revoked",
      log: ctx.log,
      mayPause: (ms) => ctx.db.$isAway() || patience(ms),
    },
  );
  await settleRevocations(ctx, [id], "sweep");
}
