import { nestedIn, type Parameters, textOf } from "@/lib/oauth/parameters";
import { standardNames } from "@/lib/oauth/reading/odd-grant";

/** Where frameworks put what a handler raised: FastAPI's and Starlette's `detail` first. */
const ENVELOPES = ["detail", "details", "data", "body", "result", "response", "payload"];
/** The codes of RFC 6749 and its extensions, and no other word: such a field may contain anything. */
const CODE =
  /^(invalid_(request|client|grant|scope|token|target)|unauthorized_client|unsupported_(grant|response|token)_type|access_denied|server_error|temporarily_unavailable|(interaction|login|consent)_required|(expired|inactive)_token|insufficient_scope)$/i;

/**
 * The error of RFC 6749 where a framework or a gateway wrapped it, as object or as its code alone, or wrote its names
 * in other letters: `{detail: {error: "invalid_grant"}}`, `{detail: "invalid_grant"}`, `{Error: "invalid_grant"}`.
 * Anything else stays as it came.
 */
export function withoutEnvelope(given: Parameters): Parameters {
  const parameters = standardNames(given);
  if (codeIn(parameters) !== null) return parameters;
  for (const name of ENVELOPES) {
    const inside = nestedIn(parameters, name);
    const error = inside && standardNames(inside);
    if (error && codeIn(error) !== null) return { ...parameters, ...error };
    const code = textOf(parameters, name)?.trim() ?? "";
    if (CODE.test(code)) return { ...parameters, error: code };
  }
  return parameters;
}

function codeIn(parameters: Parameters): string | null {
  const code = textOf(parameters, "error")?.trim() ?? "";
  return CODE.test(code) ? code : null;
}
