import { presetFor } from "@/lib/contracts/servers/provider-presets";

/** What was requested, and what came. */
interface Grant {
  authorizationEndpoint: string;
  /** Separated by spaces or commas; null: none was named. */
  requestedScope: string | null;
  /** According to the provider; null: it did not say. */
  grantedScope: string | null;
  extraAuthorizationParameters: Readonly<Record<string, string>>;
}

export interface NoRefreshToken {
  reason:
    | "scope_not_requested"
    | "parameter_missing"
    | "scope_not_granted"
    | "consent_not_prompted"
    | "not_issued";
  /** A sentence or two: why none came, as far as is known, and what an admin can do. */
  words: string;
}

const offlineAccess = "offline_access";

/**
 * Why an authorization yielded no refresh token: something was not requested, or the provider issues none.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#OfflineAccess
 */
export function whyNoRefreshToken(grant: Grant): NoRefreshToken {
  const { authorizationEndpoint, requestedScope, grantedScope } = grant;
  const preset = presetFor(authorizationEndpoint);
  const requested = namesIn(requestedScope);
  const asked = new Map([
    ...new URL(authorizationEndpoint).searchParams,
    ...Object.entries(grant.extraAuthorizationParameters),
  ]);
  const isSet = (name: string, value: string) => asked.get(name)?.split(" ").includes(value);

  const missing = preset?.extraAuthorizationParameters.find(
    ({ name, value }) => !isSet(name, value),
  );
  if (preset && missing) {
    const words = `${preset.name} issues one only with ${missing.name}=${missing.value}, which was not sent. An admin can add it to the extra parameters on the server's page.`;
    return { reason: "parameter_missing", words };
  }
  const scopes = preset?.refreshScopes ?? [];
  const [needed] = scopes.length > 0 ? scopes : preset ? [] : [offlineAccess];
  const wasAsked = [...scopes, offlineAccess].some((scope) => requested.includes(scope));
  if (needed !== undefined && !wasAsked) {
    const who = preset?.name ?? "Many providers";
    const words = `${who} ${preset ? "issues" : "issue"} one only with the scope ${needed}, which was not requested. An admin can add it to the scopes on the server's page.`;
    return { reason: "scope_not_requested", words };
  }
  if (!preset && wasAsked && !isSet("prompt", "consent")) {
    return {
      reason: "consent_not_prompted",
      words: `${offlineAccess} was requested, but many providers ignore it without prompt=consent. An admin can add it to the extra parameters on the server's page.`,
    };
  }
  if (wasAsked && grantedScope !== null && !namesIn(grantedScope).includes(offlineAccess)) {
    return {
      reason: "scope_not_granted",
      words: `${offlineAccess} was requested, and the provider did not grant it. Whoever runs the provider can allow it for this client.`,
    };
  }
  return {
    reason: "not_issued",
    words:
      "Everything known to be needed was requested. The provider issues none to this client, or to nobody: its settings may need the grant type refresh_token.",
  };
}

function namesIn(scope: string | null): string[] {
  return (scope ?? "").split(/[\s,]+/).filter((name) => name !== "");
}
