import { verifierPlace } from "@/lib/authorization/begin";
import { inputPlace } from "@/lib/chat/input/sealed-input";
import { modelKeyPlace } from "@/lib/chat/model/providers/api-key";
import { findKeyOwners } from "@/lib/db/accounts/personal-key";
import type { Database } from "@/lib/db/client";
import { findToolCallsById } from "@/lib/db/paused-tool-call";
import { findEndedSignInOwners } from "@/lib/db/people/ended-sign-in";
import { findIdentityTokenOwners } from "@/lib/db/people/identity-tokens";
import { findTwoFactorOwners } from "@/lib/db/people/two-factor";
import { findRevocationPlaces } from "@/lib/db/revocations/token-revocation";
import type { SealedColumn } from "@/lib/db/sealed-column";
import { findTokenOwners } from "@/lib/db/stored-token-set";
import { mailTextPlace } from "@/lib/email/sealed-text";
import { clientKeyPlace } from "@/lib/servers/client-keys";
import { clientSecretPlace } from "@/lib/servers/oauth-client";
import { valuesPlace } from "@/lib/servers/secret-values";
import { type IdentityColumn, identityPlace } from "@/lib/session/oidc/kept-tokens";
import { twoFactorPlace } from "@/lib/session/two-factor/secret";
import { personalKeyPlace } from "@/lib/tokens/personal-key";
import { tokenPlace } from "@/lib/tokens/token-store";
import { CANARY_PLACE } from "@/lib/vault/canary";
import type { SealedPlace } from "@/lib/vault/sealed-box";
import { signingSecretPlace } from "@/lib/webhooks/signing-secret";

/** The place that each row's box is bound to. Deleted rows have none. */
type PlacesOf = (db: Database, ids: readonly string[]) => Promise<Map<string, SealedPlace>>;

export interface RotatedColumn extends SealedColumn {
  placesOf: PlacesOf;
}

/** Every column that contains sealed boxes, except the canary's. */
export const rotatedColumns: readonly RotatedColumn[] = [
  byId("McpServer", "environmentSealed", (id) => valuesPlace(id, "environmentSealed")),
  byId("McpServer", "headersSealed", (id) => valuesPlace(id, "headersSealed")),
  byId("ModelProvider", "apiKeySealed", modelKeyPlace),
  byId("OAuthClient", "clientSecretSealed", clientSecretPlace),
  byId("ClientKey", "privateKeySealed", clientKeyPlace),
  ofTokens("accessTokenSealed"),
  ofTokens("refreshTokenSealed"),
  ofRevokedTokens("accessTokenSealed"),
  ofRevokedTokens("refreshTokenSealed"),
  {
    table: "TokenRevocation",
    column: "clientSecretSealed",
    placesOf: async (db, ids) => {
      const rows = await findRevocationPlaces(db, ids);
      return new Map(
        rows.flatMap(({ id, clientRowId }) =>
          clientRowId === null ? [] : [[id, clientSecretPlace(clientRowId)] as const],
        ),
      );
    },
  },
  byId("AuthorizationRequest", "codeVerifierSealed", verifierPlace),
  {
    table: "PersonalKey",
    column: "valuesSealed",
    placesOf: async (db, ids) => {
      const owners = await findKeyOwners(db, ids);
      return new Map([...owners].map(([id, owner]) => [id, personalKeyPlace(owner)]));
    },
  },
  {
    table: "SecondStep",
    column: "secretSealed",
    placesOf: async (db, ids) => {
      const owners = await findTwoFactorOwners(db, ids);
      return new Map([...owners].map(([id, userId]) => [id, twoFactorPlace(userId)]));
    },
  },
  ofIdentity("idTokenSealed"),
  ofIdentity("accessTokenSealed"),
  ofIdentity("refreshTokenSealed"),
  {
    table: "EndedSignIn",
    column: "refreshTokenSealed",
    placesOf: async (db, ids) => {
      const owners = await findEndedSignInOwners(db, ids);
      const place = (userId: string) => identityPlace(userId, "refreshTokenSealed");
      return new Map([...owners].map(([id, userId]) => [id, place(userId)]));
    },
  },
  ofToolCalls("inputContentSealed"),
  ofToolCalls("requestStateSealed"),
  byId("OutgoingMail", "textSealed", mailTextPlace),
  byId("Webhook", "secretSealed", (id) => signingSecretPlace(id, "secretSealed")),
  byId("Webhook", "previousSecretSealed", (id) => signingSecretPlace(id, "previousSecretSealed")),
];

export const canaryColumn: RotatedColumn = {
  table: "VaultCanary",
  column: "boxSealed",
  placesOf: async (_db, ids) => new Map(ids.map((id) => [id, CANARY_PLACE])),
};

function byId(table: string, column: string, place: (id: string) => SealedPlace): RotatedColumn {
  return { table, column, placesOf: async (_db, ids) => new Map(ids.map((id) => [id, place(id)])) };
}

/** Bound to the person. */
function ofIdentity(column: IdentityColumn): RotatedColumn {
  return {
    table: "IdentityTokens",
    column,
    placesOf: async (db, ids) => {
      const owners = await findIdentityTokenOwners(db, ids);
      return new Map([...owners].map(([id, userId]) => [id, identityPlace(userId, column)]));
    },
  };
}

/** Bound to a call of a conversation. */
function ofToolCalls(column: "inputContentSealed" | "requestStateSealed"): RotatedColumn {
  return {
    table: "PausedToolCall",
    column,
    placesOf: async (db, ids) => {
      const calls = await findToolCallsById(db, ids);
      return new Map(calls.map((call) => [call.id, inputPlace(call, column)]));
    },
  };
}

/** Moved unchanged from StoredTokenSet. */
function ofRevokedTokens(column: "accessTokenSealed" | "refreshTokenSealed"): RotatedColumn {
  return {
    table: "TokenRevocation",
    column,
    placesOf: async (db, ids) => {
      const rows = await findRevocationPlaces(db, ids);
      return new Map(rows.map((row) => [row.id, tokenPlace(row, column)]));
    },
  };
}

/** Tokens are bound to their owner, not their row. */
function ofTokens(column: "accessTokenSealed" | "refreshTokenSealed"): RotatedColumn {
  return {
    table: "StoredTokenSet",
    column,
    placesOf: async (db, ids) => {
      const owners = await findTokenOwners(db, ids);
      return new Map([...owners].map(([id, owner]) => [id, tokenPlace(owner, column)]));
    },
  };
}
