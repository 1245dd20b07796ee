import type { OAuthClient, OAuthContext, Observe } from "@/lib/oauth/client";

/** What a person's sign-in lets Usher prove at the identity provider. */
export interface Identity {
  /** The provider, as people know it. */
  provider: string;
  /** Valid for a minute at least. */
  idToken: string;
  /** Null: none was given, or it has expired. */
  accessToken: string | null;
  /** Usher at the identity provider. */
  client: OAuthClient;
  /** Sends to the operator's own provider, which may be at a private address. */
  outbound: OAuthContext["outbound"];
}

export type IdentityResult =
  | { found: true; identity: Identity }
  /** `reason` says what the person does. */
  | { found: false; because: "off" | "not_kept" | "ended"; reason: string }
  | { found: false; because: "outage"; reason: string; retryAt: Date };

/** Handed in: signing in is above this room. */
export type IdentityOf = (
  userId: string,
  wanted?: { token?: "id_token" | "access_token"; observe?: Observe | undefined },
) => Promise<IdentityResult>;
