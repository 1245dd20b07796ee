import type { Role } from "@/lib/contracts/people/person";
import type { TokenSharing } from "@/lib/contracts/servers/kinds";

type Allowed = Record<Role, boolean>;
const everyone: Allowed = { ADMIN: true, MEMBER: true };
const admins: Allowed = { ADMIN: true, MEMBER: false };

/** Every route names its permission; a route without one does not compile. */
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
} as const satisfies Record<string, Allowed>;

export type Permission = keyof typeof permissions;

export function permits(role: Role, permission: Permission): boolean {
  return permissions[permission][role];
}

const toAuthorize = {
  SHARED: "connections.authorize-shared",
  PER_USER: "connections.authorize-own",
} as const satisfies Record<TokenSharing, Permission>;

/** A shared token acts for everybody, so an admin consents; for their own account, everybody may. */
export function authorizePermission(tokenSharing: TokenSharing): Permission {
  return toAuthorize[tokenSharing];
}
