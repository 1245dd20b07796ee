import type { OAuthClient, OAuthContext, Observe } from "@/lib/oauth/client";

/** What a person's sign-in lets Usher prove at the identity provider. */
export interface Identity {
  /** The provider, as people know it. */
  provider: string;
  issuer: string;
  subject: string;
  /** Valid for a minute, or for half of a shorter lifetime. Older where the provider renews the access token alone. */
  idToken: string;
  idTokenExpiresAt: Date;
  /** Null: none was given, or it has expired. */
  accessToken: string | null;
  /** Usher at the identity provider. */
  client: OAuthClient;
  /** Sends to it: bounded, without redirects, through the outbound proxy if there is one. */
  outbound: OAuthContext["outbound"];
}

export type IdentityResult =
  | { found: true; identity: Identity }
  /** `reason`: in plain words, what the person does. */
  | { found: false; because: "off" | "not_kept" | "ended"; reason: string }
  | { found: false; because: "outage"; reason: string; retryAt: Date };

/** `token`: which one must be valid. Absent: the ID token. */
export interface WantedIdentity {
  token?: "id_token" | "access_token";
  observe?: Observe | undefined;
}

/** Handed in: signing in is above this room. */
export type IdentityOf = (userId: string, wanted?: WantedIdentity) => Promise<IdentityResult>;
