import type { Database } from "../client";
import type {
  AuthorizationRequest,
  McpServer,
  OAuthClient,
  PersonalKey,
  StoredTokenSet,
} from "../generated/client";
import type * as Prisma from "../generated/internal/prismaNamespace";

/** How one viewer is connected: their own and the shared tokens, with nothing unsealed. */
export type ServerOfViewerRow = McpServer & {
  oauthClient: OAuthClient | null;
  storedTokenSets: (StoredTokenSet & { authorizedBy: { name: string } | null })[];
  /** The viewer's own, at most one. */
  personalKeys: PersonalKey[];
  /** The viewer's last failed authorization, if any. */
  authorizationRequests: Pick<AuthorizationRequest, "ownerKey" | "failure" | "consumedAt">[];
};

export const relationsOfViewer = (userId: string) =>
  ({
    oauthClient: true,
    storedTokenSets: {
      where: { OR: [{ ownerKey: "shared" }, { userId }] },
      include: { authorizedBy: { select: { name: true } } },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    },
    personalKeys: { where: { userId } },
    authorizationRequests: {
      where: { userId, failure: { not: null } },
      select: { ownerKey: true, failure: true, consumedAt: true },
      orderBy: { consumedAt: "desc" },
      take: 1,
    },
  }) satisfies Prisma.McpServerInclude;

/** Without its list of tools, which may be long: for a call. */
export function findServerOfViewer(
  db: Database,
  id: string,
  userId: string,
): Promise<ServerOfViewerRow | null> {
  return db.mcpServer.findUnique({ where: { id }, include: relationsOfViewer(userId) });
}
