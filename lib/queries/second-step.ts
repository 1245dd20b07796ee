import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type {
  RecoveryCodes,
  SecondStepProof,
  SecondStepSecret,
  SecondStepSetUp,
  SecondStepView,
} from "@/lib/contracts/people/second-step";
import { fetchJson } from "./fetch-json";

const path = "/api/account/second-step";

/** For the requesting person. */
export function secondStepQuery() {
  return queryOptions({
    queryKey: ["account", "second-step"],
    queryFn: ({ signal }) => fetchJson<SecondStepView>(path, { signal }),
  });
}

export function secondStepChanged(queryClient: QueryClient): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: secondStepQuery().queryKey });
}

/** A new secret for the app. It takes effect once `enableSecondStep` gets a code from it. */
export function beginSecondStep(input: SecondStepSetUp): Promise<SecondStepSecret> {
  return fetchJson(path, { method: "POST", body: input });
}

export function enableSecondStep(code: string): Promise<RecoveryCodes> {
  return fetchJson(path, { method: "PUT", body: { code } });
}

/** The earlier ones stop working. */
export function renewRecoveryCodes(proof: SecondStepProof): Promise<RecoveryCodes> {
  return fetchJson(`${path}/recovery-codes`, { method: "POST", body: proof });
}

export function disableSecondStep(proof: SecondStepProof): Promise<void> {
  return fetchJson(`${path}/turn-off`, { method: "POST", body: proof });
}

/** After the password, on the sign-in page. */
export function signInWithCode(code: string): Promise<void> {
  return fetchJson("/api/auth/second-step", { method: "POST", body: { code } });
}

/** For an admin: this person then signs in with only their password. */
export function resetSecondStep(userId: string): Promise<void> {
  return fetchJson(`/api/people/${encodeURIComponent(userId)}/second-step`, { method: "DELETE" });
}
