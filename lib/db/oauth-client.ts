import type { Database } from "./client";
import type { OAuthClient, Prisma } from "./generated/client";
import { type CredentialColumns, dropAuthorizations } from "./mcp-server";

/** What changes along with the credentials when the server has moved to another issuer. */
export type IssuerColumns = Pick<
  Prisma.OAuthClientUncheckedCreateInput,
  | "issuer"
  | "authorizationEndpoint"
  | "tokenEndpoint"
  | "revocationEndpoint"
  | "scope"
  | "resource"
  | "issParameterRequired"
>;

/**
 * Replaces the credentials, and ends what was granted to the old ones. False if
 * the server is no longer at `version`: another person changed it, or registered at the same time.
 */
export function saveRegistration(
  db: Database,
  { id, version }: { id: string; version: number },
  columns: CredentialColumns & Partial<IssuerColumns>,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.mcpServer.updateMany({
      where: { id, version },
      data: { version: { increment: 1 } },
    });
    if (count === 0) return false;
    await dropAuthorizations(tx, id);
    await tx.oAuthClient.update({ where: { serverId: id }, data: columns });
    return true;
  });
}

/** The provider does not know this client, which Usher registered itself. */
export async function saveRegistrationForgotten(
  db: Database,
  serverId: string,
  clientId: string,
): Promise<void> {
  await db.oAuthClient.updateMany({
    where: { serverId, clientId, registration: { not: "PRE_REGISTERED" } },
    data: { registrationForgotten: true },
  });
}

/** The provider refused this client, for the first time since it accepted it. */
export async function saveClientRefused(
  db: Database,
  { serverId, clientId }: Pick<OAuthClient, "serverId" | "clientId">,
  at: Date,
): Promise<void> {
  await db.oAuthClient.updateMany({
    where: { serverId, clientId, clientRefusedAt: null },
    data: { clientRefusedAt: at },
  });
}

/**
 * The provider granted tokens to this client.
 * @param workingAuthMethod the method it accepted; undefined: unchanged
 */
export async function saveClientTaken(
  db: Database,
  { serverId, clientId }: Pick<OAuthClient, "serverId" | "clientId">,
  workingAuthMethod?: OAuthClient["workingAuthMethod"],
): Promise<void> {
  await db.oAuthClient.updateMany({
    where: { serverId, clientId },
    data: {
      registrationProven: true,
      clientRefusedAt: null,
      ...(workingAuthMethod === undefined ? {} : { workingAuthMethod }),
    },
  });
}

/** How the provider lets people choose an account, from its current metadata. */
export async function saveAccountPrompt(
  db: Database,
  { id }: Pick<OAuthClient, "id">,
  accountPrompt: string | null,
): Promise<void> {
  await db.oAuthClient.updateMany({ where: { id }, data: { accountPrompt } });
}
