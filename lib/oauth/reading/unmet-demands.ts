import { listOf, type Parameters } from "@/lib/oauth/parameters";

/**
 * What an authorization server demands of each client that Usher does not do, in words after "It"; null: nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9126#section-5
 * @see https://www.rfc-editor.org/rfc/rfc9101#section-10.5
 */
export function demandOfServer(metadata: Parameters): string | null {
  if (demands(metadata, "require_pushed_authorization_requests")) {
    return "accepts only pushed authorization requests (PAR), which Usher does not send";
  }
  return demands(metadata, "require_signed_request_object")
    ? "accepts only signed authorization requests (JAR), which Usher does not send"
    : null;
}

/** The same of a resource. @see https://www.rfc-editor.org/rfc/rfc9728#section-2 */
export function demandOfResource(metadata: Parameters): string | null {
  if (demands(metadata, "dpop_bound_access_tokens_required")) {
    return "accepts only tokens that are bound to a key (DPoP), which Usher does not use";
  }
  const methods = (listOf(metadata, "bearer_methods_supported") ?? []).map((each) =>
    String(each).toLowerCase(),
  );
  const isElsewhere = methods.some((each) => each === "body" || each === "query");
  return isElsewhere && !methods.includes("header")
    ? "does not accept tokens in the Authorization header, where Usher sends them"
    : null;
}

/** Also as text. */
function demands(metadata: Parameters, name: string): boolean {
  const value = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
  return value === true || (typeof value === "string" && value.trim().toLowerCase() === "true");
}
