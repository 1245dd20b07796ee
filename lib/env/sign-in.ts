import { emailAddress } from "@/lib/contracts/people/person";
import { readFlag, readList } from "@/lib/env/forms";
import { isPlainUrl, parseUrl } from "@/lib/parse-url";

export interface OidcEnv {
  issuer: string;
  clientId: string;
  clientSecret: string;
  name: string;
  /** An address counts as verified if the provider does not say whether it is. */
  trustEmail: boolean;
  /** The claim that contains a person's groups; null: none is read. */
  groupsClaim: string | null;
  /** Uninvited people may join with an address in one of these domains, in lower case. Null: with any address. */
  joinDomains: readonly string[] | null;
  /** The tokens of a sign-in are kept, so that Usher can act for the person at the provider. */
  keepTokens: boolean;
  /** Scopes that are requested in addition to the usual ones, separated by spaces. Null: none. */
  scope: string | null;
}

export interface FirstAdminEnv {
  email: string;
  password: string;
}

type Optional = (name: string) => string | null;

/** A former name that nobody reads would leave sign-in with a password alone, unnoticed. */
export function readRequireTwoFactor(
  optional: Optional,
  flag: (name: string) => boolean,
  problems: string[],
): boolean {
  const current = "REQUIRE_TWO_FACTOR";
  const former = "REQUIRE_SECOND_STEP";
  if (optional(current) === null && readFlag(optional(former)) !== false) {
    problems.push(`${former} is now ${current}. Rename it.`);
  }
  return flag(current);
}

/** Many providers show this address, instead of the issuer, to be copied. */
const wellKnown = /\/\.well-known\/(openid-configuration|oauth-authorization-server)\/?$/;

/** Null: no one signs in with an identity provider. */
export function readOidc(
  optional: Optional,
  flag: (name: string) => boolean,
  problems: string[],
): OidcEnv | null {
  const trustEmail = flag("OIDC_TRUST_EMAIL");
  const keepTokens = flag("OIDC_KEEP_TOKENS");
  const issuer = optional("OIDC_ISSUER")?.replace(wellKnown, "") ?? null;
  const clientId = optional("OIDC_CLIENT_ID");
  const clientSecret = optional("OIDC_CLIENT_SECRET");
  const scope = optional("OIDC_SCOPE")?.replace(/ +/g, " ") ?? null;
  if (issuer === null && clientId === null && clientSecret === null) {
    const needing = [keepTokens && "OIDC_KEEP_TOKENS", scope && "OIDC_SCOPE"].filter(Boolean);
    for (const name of needing) {
      problems.push(`${name} needs OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.`);
    }
    return null;
  }
  if (issuer === null || clientId === null || clientSecret === null) {
    const given = {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: clientId,
      OIDC_CLIENT_SECRET: clientSecret,
    };
    const missing = Object.entries(given).filter(([, value]) => value === null);
    problems.push(
      `OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are set together or not at all. Missing: ${missing.map(([name]) => name).join(", ")}.`,
    );
    return null;
  }
  const url = parseUrl(issuer);
  if (!url || !/^https?:$/.test(url.protocol) || !isPlainUrl(url, issuer)) {
    problems.push(
      "OIDC_ISSUER must be the issuer's full address, such as https://id.example.com, without a user or a query.",
    );
    return null;
  }
  const name = optional("OIDC_NAME") ?? url.host;
  const groupsClaim = optional("OIDC_GROUPS_CLAIM");
  if (groupsClaim !== null && !/^[\x21-\x7e]{1,200}$/.test(groupsClaim)) {
    problems.push("OIDC_GROUPS_CLAIM must be the name of a claim, such as groups, without spaces.");
    return null;
  }
  // RFC 6749 §3.3: the characters of a scope.
  if (scope !== null && !/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(scope)) {
    problems.push(
      "OIDC_SCOPE must be scopes with a space between, such as api://usher/access, without quotes.",
    );
    return null;
  }
  const joinDomains = readJoinDomains(optional("OIDC_JOIN_DOMAINS"));
  if (joinDomains === "invalid") {
    problems.push(
      "OIDC_JOIN_DOMAINS must be domains such as example.com, separated by commas, or none.",
    );
    return null;
  }
  const joining = { trustEmail, groupsClaim, joinDomains };
  return { issuer, clientId, clientSecret, name, ...joining, keepTokens, scope };
}

/** `none`: only invited people join. */
function readJoinDomains(text: string | null): readonly string[] | null | "invalid" {
  if (text === null) return null;
  const domains = readList(text).map((domain) => domain.replace(/^@/, ""));
  if (domains.join() === "none") return [];
  const isDomain = (domain: string) => /^(?!-)[\p{L}\d-]+(\.[\p{L}\d-]+)+$/u.test(domain);
  return domains.length > 0 && domains.every(isDomain) ? domains : "invalid";
}

/** Null: the first admin is created in the browser. */
export function readFirstAdmin(optional: Optional, problems: string[]): FirstAdminEnv | null {
  const email = optional("ADMIN_EMAIL");
  const password = optional("ADMIN_PASSWORD");
  if (email === null && password === null) return null;
  if (email === null || password === null) {
    const missing = email === null ? "ADMIN_EMAIL" : "ADMIN_PASSWORD";
    problems.push(`${missing} is missing: ADMIN_EMAIL and ADMIN_PASSWORD are set together.`);
    return null;
  }
  if (password.length < 12) {
    problems.push("ADMIN_PASSWORD must have at least 12 characters.");
    return null;
  }
  const read = emailAddress.safeParse(email);
  if (!read.success) {
    problems.push("ADMIN_EMAIL must be an email address such as ada@example.com.");
    return null;
  }
  return { email: read.data, password };
}
