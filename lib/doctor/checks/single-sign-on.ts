import type { DoctorCheck } from "@/lib/doctor/check";
import { failed, ok, skipped, warning } from "@/lib/doctor/check";
import type { DoctorRun } from "@/lib/doctor/run";
import { OidcFailure } from "@/lib/session/oidc/failure";
import { OidcProvider } from "@/lib/session/oidc/provider";

export const singleSignOnCheck: DoctorCheck<DoctorRun> = {
  id: "single-sign-on",
  async run({ env, now, operatorFetch }) {
    const { oidc } = env;
    if (oidc === null) {
      return skipped("OIDC_ISSUER is not set, so people sign in by password.");
    }
    let support: Awaited<ReturnType<OidcProvider["support"]>>;
    try {
      support = await new OidcProvider(oidc, env, now, operatorFetch).support();
    } catch (error) {
      if (!(error instanceof OidcFailure)) throw error;
      return error.reason === "OidcUnreachable"
        ? failed(
            `The openid-configuration of ${oidc.name} cannot be read, so nobody can sign in there.`,
            "Check OIDC_ISSUER, and whether this machine reaches it.",
          )
        : failed(
            `The openid-configuration below OIDC_ISSUER is not that of ${oidc.issuer}${error.namedIssuer === null ? "" : ` but of ${error.namedIssuer}`}.`,
            "Set OIDC_ISSUER to the issuer that the openid-configuration names.",
          );
    }
    if (oidc.keepTokens && !support.refreshTokens) {
      return warning(
        `${oidc.name} answers, but its openid-configuration lists no refresh tokens. A kept sign-in ends with its ID token.`,
        "Allow refresh tokens for Usher's client there (the scope offline_access), or set OIDC_KEEP_TOKENS=0.",
      );
    }
    if (!oidc.keepTokens) return ok(`${oidc.name} answers.`);
    const kept = `${oidc.name} answers. Sign-ins are kept, and it lists refresh tokens.`;
    return ok(`${kept} ${idJagWords[support.idJags]}`);
  },
};

/** Cross App Access, as Okta calls it. */
const idJagWords = {
  yes: "It issues ID-JAGs for servers with Token Sharing: Organization.",
  no: "It issues no ID-JAGs, as servers with Token Sharing: Organization may need.",
  unknown: "It does not say whether it issues ID-JAGs.",
} as const;
