import type { TokenSharing } from "@/lib/contracts/connections/connection";
import type { Role } from "@/lib/contracts/people/person";

const everyone: readonly Role[] = ["ADMIN", "MEMBER"];
const admins: readonly Role[] = ["ADMIN"];

/** Who may do what. Every route names its line; a route without one does not compile. */
const permissions = {
  "servers.manage": admins,
  "servers.test": admins,
  "flows.view": admins,
  "connections.view": everyone,
  "connections.authorize-own": everyone,
  "connections.authorize-shared": admins,
  "connections.revoke-own": everyone,
  "connections.revoke-server": admins,
  "assistants.view": everyone,
  "assistants.manage": admins,
  "chat.use": everyone,
  "people.manage": admins,
  "settings.view": admins,
  "audit.view": admins,
  "account.manage-own": everyone,
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;

export function permits(role: Role, permission: Permission): boolean {
  const roles: readonly Role[] = permissions[permission];
  return roles.includes(role);
}

/** A shared token acts for everybody, so an admin gives that consent; their own anybody gives. */
export function authorizePermission(tokenSharing: TokenSharing): Permission {
  return tokenSharing === "SHARED" ? "connections.authorize-shared" : "connections.authorize-own";
}
