import { UnreachableError, UsherError } from "@/lib/errors";
import { type TlsFault, tlsFaultOf } from "@/lib/tls-fault";

type Reason = UnreachableError["reason"];

const REASON_BY_CODE: Readonly<Record<string, Reason>> = {
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  EAI_NONAME: "dns",
  ECONNREFUSED: "connect",
  EHOSTUNREACH: "connect",
  EHOSTDOWN: "connect",
  ENETUNREACH: "connect",
  ENETDOWN: "connect",
  EADDRNOTAVAIL: "connect",
  EACCES: "connect",
  EPERM: "connect",
  EMFILE: "connect",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  UND_ERR_DESTROYED: "aborted",
  UND_ERR_CLOSED: "aborted",
  UND_ERR_ABORTED: "aborted",
};

const EXPLANATIONS: Readonly<Record<Reason, string>> = {
  dns: "could not be found: no address is known for this name. Check the spelling, or try again later.",
  tls: "has no certificate that Usher can trust. Its operator must fix it; for a private authority, set NODE_EXTRA_CA_CERTS.",
  connect:
    "refused the connection. Check that it is running and that the address and port are right.",
  timeout: "did not answer in time. Try again later.",
  too_large: "answered with more data than Usher accepts.",
  reset: "broke off the connection or did not answer as a web server should. Try again later.",
  aborted: "was not waited for: the request was stopped.",
  proxy: "was not asked: the outbound proxy failed.",
};

const TLS_EXPLANATIONS: Readonly<Record<TlsFault, string>> = {
  expired:
    "has no certificate that Usher can trust: it is expired or not valid yet. Its operator must renew it; check this machine's clock too.",
  name: "has no certificate that Usher can trust: it is for another name. Check the address, or have its operator fix it.",
  untrusted: EXPLANATIONS.tls,
  protocol:
    "does not speak TLS as Usher does. It may speak plain text at this port, or only TLS older than 1.2.",
};

/** A transport failure in plain words that name the host but not the address. */
export function asOutboundError(error: unknown, host: string): UsherError {
  // undici rethrows the connector's OutboundRefusedError unchanged.
  if (error instanceof UsherError) return error;
  const fault = tlsFaultOf(codeOf(error) ?? "");
  const explanation = fault ? { explanation: TLS_EXPLANATIONS[fault] } : {};
  return unreachable(reasonOf(error), host, { cause: error, ...explanation });
}

export function unreachable(
  reason: Reason,
  host: string,
  options?: { cause?: unknown; explanation?: string },
): UnreachableError {
  return new UnreachableError(reason, `${host} ${options?.explanation ?? EXPLANATIONS[reason]}`, {
    cause: options?.cause,
  });
}

function reasonOf(error: unknown): Reason {
  const code = codeOf(error);
  if (code === undefined) return "reset";
  if (tlsFaultOf(code) !== null) return "tls";
  return REASON_BY_CODE[code] ?? "reset";
}

/** An AggregateError means that every address of the host failed: take the first. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return undefined;
}
