import type { ApiKeyOwner } from "@/lib/contracts/api-keys";
import { type ApiScope, apiScopes } from "@/lib/contracts/api-scopes";
import type { Role } from "@/lib/contracts/people/person";
import type { TokenSharing } from "@/lib/contracts/servers/kinds";

type Allowed = Record<Role, boolean>;
const everyone: Allowed = { ADMIN: true, MEMBER: true, AUDITOR: true };
const admins: Allowed = { ADMIN: true, MEMBER: false, AUDITOR: false };
/** Those who work with assistants. An auditor reads, and changes nothing but their own account of Usher. */
const users: Allowed = { ADMIN: true, MEMBER: true, AUDITOR: false };
const auditing: Allowed = { ADMIN: true, MEMBER: false, AUDITOR: true };

interface Rule {
  roles: Allowed;
  /** What an API key needs: one scope to read, one to change. Empty: only a signed-in person may. */
  scopes: readonly ApiScope[];
  /** It concerns a person's own account, which a service does not have. */
  needsPerson?: true;
}

const servers = ["servers:read", "servers:write"] as const;
const connections = ["connections:read", "connections:write"] as const;
const assistants = ["assistants:read", "assistants:write"] as const;
const chat = ["chat:read", "chat:write"] as const;
const people = ["people:read", "people:write"] as const;
const settings = ["settings:read", "settings:write"] as const;
const webhooks = ["webhooks:read", "webhooks:write"] as const;

/**
 * Who may do what: by role, and with an API key also by scope. Every route names its permission; a route without
 * one does not compile.
 *
 * Anything that outlives a key, or is a person's confirmation, has no scopes: sign-in and passwords, invitations and
 * roles, groups and access, keys, and "Run now".
 */
const permissions = {
  "servers.manage": { roles: admins, scopes: servers },
  "servers.test": { roles: admins, scopes: ["servers:write"] },
  "flows.view": { roles: admins, scopes: ["servers:read"] },
  "connections.view": { roles: everyone, scopes: ["connections:read"] },
  "connections.use": { roles: users, scopes: connections },
  "connections.authorize-own": {
    roles: users,
    scopes: ["connections:write"],
    needsPerson: true,
  },
  "connections.authorize-shared": { roles: admins, scopes: ["connections:write"] },
  "connections.revoke-own": { roles: users, scopes: ["connections:write"], needsPerson: true },
  "connections.revoke-server": { roles: admins, scopes: ["connections:write"] },
  /** Everyone's. */
  "connections.view-all": { roles: auditing, scopes: ["connections:read"] },
  /** To revoke anyone's, and to ask a person to authorize again. */
  "connections.manage": { roles: admins, scopes: ["connections:write"] },
  "assistants.view": { roles: users, scopes: ["assistants:read"] },
  "assistants.manage": { roles: admins, scopes: assistants },
  "chat.use": { roles: users, scopes: chat, needsPerson: true },
  "chat.confirm": { roles: users, scopes: [] },
  "notices.view": { roles: users, scopes: [] },
  "people.manage": { roles: admins, scopes: people },
  "people.let-in": { roles: admins, scopes: [] },
  "people.delete": { roles: admins, scopes: [] },
  "access.manage": { roles: admins, scopes: [] },
  "models.manage": { roles: admins, scopes: settings },
  "webhooks.manage": { roles: admins, scopes: webhooks },
  "settings.view": { roles: admins, scopes: settings },
  "audit.view": { roles: auditing, scopes: ["audit:read"] },
  "refreshes.view": { roles: auditing, scopes: ["settings:read"] },
  "get-started.view": { roles: admins, scopes: [] },
  "account.manage-own": { roles: everyone, scopes: [] },
  /** Everything that remains for a person who must set up two-factor authentication first (REQUIRE_TWO_FACTOR). */
  "account.set-up-two-factor": { roles: everyone, scopes: [] },
  "api-keys.manage-own": { roles: everyone, scopes: [] },
  "api-keys.manage-team": { roles: admins, scopes: [] },
} as const satisfies Record<string, Rule>;

export type Permission = keyof typeof permissions;

/** Those that require a signed-in person: no key has them. */
export type SignedInPermission = {
  [Name in Permission]: (typeof permissions)[Name]["scopes"] extends readonly [] ? Name : never;
}[Permission];

export function permits(role: Role, permission: Permission): boolean {
  return permissions[permission].roles[role];
}

export type KeyDecision =
  | { may: true }
  | { may: false; reason: "signed_in_only" | "person_only"; scope: null }
  | { may: false; reason: "insufficient_scope"; scope: ApiScope };

/** GET and HEAD read, all other methods change. Null: no key may. */
export function scopeOf(permission: Permission, method: string): ApiScope | null {
  const { scopes }: Rule = permissions[permission];
  const access = method === "GET" || method === "HEAD" ? ":read" : ":write";
  return scopes.find((each) => each.endsWith(access)) ?? null;
}

/** What a key's scopes permit. What its owner's role permits is checked separately. */
export function keyPermits(
  key: { owner: ApiKeyOwner; scopes: readonly ApiScope[] },
  permission: Permission,
  method: string,
): KeyDecision {
  const rule: Rule = permissions[permission];
  const scope = scopeOf(permission, method);
  if (scope === null) return { may: false, reason: "signed_in_only", scope: null };
  if (rule.needsPerson && key.owner === "service") {
    return { may: false, reason: "person_only", scope: null };
  }
  const wider = scope.replace(/:read$/, ":write");
  if (key.scopes.some((each) => each === scope || each === wider)) return { may: true };
  return { may: false, reason: "insufficient_scope", scope };
}

/** The scopes that have an effect in a key of such an owner. */
export function offeredScopes(owner: ApiKeyOwner, role: Role): ApiScope[] {
  const rules: Rule[] = Object.values(permissions);
  const useful = rules.filter(
    ({ roles, needsPerson }) => roles[role] && !(needsPerson && owner === "service"),
  );
  return apiScopes.filter((scope) => useful.some(({ scopes }) => scopes.includes(scope)));
}

const toAuthorize = {
  SHARED: "connections.authorize-shared",
  PER_USER: "connections.authorize-own",
  ORGANIZATION: "connections.authorize-own",
} as const satisfies Record<TokenSharing, Permission>;

/** A shared token acts for everyone, so an admin consents; for their own account, everyone may. */
export function authorizePermission(tokenSharing: TokenSharing): Permission {
  return toAuthorize[tokenSharing];
}
