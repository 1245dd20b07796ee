import { type FailureReason, failureReason } from "./authorization-failure";

/** How the authorization ended that brought the person back to this page. */
export type AuthorizationOutcome =
  | { kind: "connected" }
  | { kind: "failed"; reason: FailureReason }
  | null;

type Query = Record<string, string | string[] | undefined>;

export function authorizationOutcome(query: Query): AuthorizationOutcome {
  const reason = failureReason(query.authorization_error);
  if (reason) return { kind: "failed", reason };
  return query.authorized === "1" ? { kind: "connected" } : null;
}
