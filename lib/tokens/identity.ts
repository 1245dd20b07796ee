import type { OAuthClient, OAuthContext, Observe } from "@/lib/oauth/client";

/** What a person's sign-in lets Usher prove at the identity provider. */
export interface Identity {
  /** The provider, by its name for people. */
  provider: string;
  issuer: string;
  subject: string;
  /** Valid for a minute, or for half of a shorter lifetime. Older if the provider renews only the access token. */
  idToken: string;
  idTokenExpiresAt: Date;
  /** Null: none was issued, or it has expired. */
  accessToken: string | null;
  /** Usher's client at the identity provider. */
  client: OAuthClient;
  /** Sends to it: bounded, without redirects, through the outbound proxy if there is one. */
  outbound: OAuthContext["outbound"];
}

export type IdentityResult =
  | { found: true; identity: Identity }
  /** `reason`: in plain words, what the person has to do. */
  | { found: false; because: "off" | "not_kept" | "ended"; reason: string }
  | { found: false; because: "outage"; reason: string; retryAt: Date };

/** `token`: which one must be valid. Absent: the ID token. */
export interface WantedIdentity {
  token?: "id_token" | "access_token";
  observe?: Observe | undefined;
}

/** Passed in: signing in is above this folder. */
export type IdentityOf = (userId: string, wanted?: WantedIdentity) => Promise<IdentityResult>;
