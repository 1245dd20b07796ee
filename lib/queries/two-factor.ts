import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type {
  RecoveryCodes,
  TwoFactorProof,
  TwoFactorSecret,
  TwoFactorSetUp,
  TwoFactorView,
} from "@/lib/contracts/people/two-factor";
import { fetchJson } from "./fetch-json";

const path = "/api/account/two-factor";

/** For the requesting person. */
export function twoFactorQuery() {
  return queryOptions({
    queryKey: ["account", "two-factor"],
    queryFn: ({ signal }) => fetchJson<TwoFactorView>(path, { signal }),
  });
}

export function twoFactorChanged(queryClient: QueryClient): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: twoFactorQuery().queryKey });
}

/** A new secret for the app. It takes effect once `enableTwoFactor` gets a code from it. */
export function beginTwoFactor(input: TwoFactorSetUp): Promise<TwoFactorSecret> {
  return fetchJson(path, { method: "POST", body: input });
}

export function enableTwoFactor(code: string): Promise<RecoveryCodes> {
  return fetchJson(path, { method: "PUT", body: { code } });
}

/** The earlier ones stop working. */
export function renewRecoveryCodes(proof: TwoFactorProof): Promise<RecoveryCodes> {
  return fetchJson(`${path}/recovery-codes`, { method: "POST", body: proof });
}

export function disableTwoFactor(proof: TwoFactorProof): Promise<void> {
  return fetchJson(`${path}/turn-off`, { method: "POST", body: proof });
}

/** After the password, on the sign-in page. */
export function signInWithCode(code: string): Promise<void> {
  return fetchJson("/api/auth/two-factor", { method: "POST", body: { code } });
}

/** For an admin: this person then signs in with only their password. */
export function resetTwoFactor(userId: string): Promise<void> {
  return fetchJson(`/api/people/${encodeURIComponent(userId)}/two-factor`, { method: "DELETE" });
}
