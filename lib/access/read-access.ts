import { type AccessDecision, decideAccess } from "@/lib/contracts/access";
import type { Role } from "@/lib/contracts/people/person";
import {
  type AccessRow,
  type AskedAccess,
  findAccessOfCall,
  readAccessFacts,
  type StoredAccess,
} from "@/lib/db/accounts/access";
import type { Database } from "@/lib/db/client";

/** A person, or a service that has a role and no account. */
export interface AccessUser {
  id: string;
  role: Role;
}

/** What one person may use, as currently stored. What does not exist may not be used. */
export interface Access {
  mayUseAssistant(id: string | null): boolean;
  mayUseServer(id: string): boolean;
  /** In a conversation with this assistant. Null: it was deleted. */
  mayCall(call: { assistantId: string | null; serverId: string }): boolean;
}

/** The one place that decides this. Its callers answer for what may not be used as for what does not exist. */
export async function readAccess(
  db: Pick<Database, "$queryRaw">,
  user: AccessUser,
  asked: AskedAccess,
): Promise<Access> {
  return accessBy(user, await readAccessFacts(db, user.id, asked));
}

/** The same for one call, which is asked at each. */
export async function readAccessOfCall(
  db: Pick<Database, "$byKey">,
  user: AccessUser,
  call: { serverId: string; assistantId: string | null },
): Promise<Access> {
  return accessBy(user, await findAccessOfCall(db, user.id, call));
}

function accessBy(user: AccessUser, rows: readonly AccessRow[]): Access {
  const usable = (kind: string) =>
    new Set(
      rows.filter((row) => row.kind === kind && decideFor(user, row).may).map(({ id }) => id),
    );
  const [assistants, servers] = [usable("assistant"), usable("server")];
  const mayUseAssistant = (id: string | null) => id !== null && assistants.has(id);
  return {
    mayUseAssistant,
    mayUseServer: (id) => servers.has(id),
    mayCall: ({ assistantId, serverId }) => servers.has(serverId) && mayUseAssistant(assistantId),
  };
}

/** By the person's current role; a service has its key's role. */
export function decideFor(
  { role }: Pick<AccessUser, "role">,
  stored: StoredAccess,
): AccessDecision {
  return decideAccess({ ...stored, role: stored.role ?? role });
}

export async function mayUseServer(
  db: Pick<Database, "$queryRaw">,
  user: AccessUser,
  serverId: string,
): Promise<boolean> {
  return (await readAccess(db, user, { servers: [serverId] })).mayUseServer(serverId);
}
