import { parseParameters, textOf } from "@/lib/oauth/parameters";

const LONGEST = 120;

/**
 * The account that an ID token speaks of, by the name that people know best. It came from the token
 * endpoint itself, over TLS (OpenID Connect Core §3.1.3.7, 6), and decides nothing: it is shown, and
 * kept in the audit. Null where there is none.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
 */
export function accountName(idToken: string | null, accessToken: string): string | null {
  const payload = idToken?.split(".")[1];
  if (payload === undefined) return null;
  const claims = parseParameters(Buffer.from(payload, "base64url").toString("utf8"));
  if (!claims) return null;
  const told =
    textOf(claims, "email") ??
    textOf(claims, "preferred_username") ??
    textOf(claims, "name") ??
    textOf(claims, "sub");
  const shown =
    told
      ?.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, " ")
      .trim()
      .slice(0, LONGEST) ?? "";
  // A name that is the token is none.
  return shown === "" || accessToken.startsWith(shown) || shown.includes(accessToken)
    ? null
    : shown;
}
