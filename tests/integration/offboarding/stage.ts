import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createServer } from "@/lib/servers/save";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import type { Installation } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

export const minute = 60_000;
export const hour = 60 * minute;

/** A server at which each person connects their own account. */
export function createOwnServer(
  { app }: Installation,
  provider: AuthorizationServer,
  name = "Own accounts",
): Promise<string> {
  return createServer(
    app,
    oauthServerInput(provider, { name, oauth: { tokenSharing: "PER_USER" } }),
  );
}

export function change(asker: Visitor, person: Visitor, json: object): Promise<Response> {
  const { id } = person.user;
  return asker.visit(personRoute, {
    ...{ path: `/api/people/${id}`, params: { userId: id }, method: "PATCH", json },
  });
}

export function sweep({ app }: Installation) {
  return runRefreshSweep(app, { trigger: "manual", claimForMs: 20_000, concurrency: 8 });
}

/** As if the process that held them had died a while ago: leases follow the database's clock. */
export async function endLeases({ app }: Installation): Promise<void> {
  await app.db.$executeRaw`UPDATE "TokenRevocation" SET "leaseUntil" = now()`;
  await app.db.$executeRaw`UPDATE "StoredTokenSet" SET "leaseUntil" = now()`;
}
