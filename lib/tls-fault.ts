/** What was wrong with an encrypted connection. `protocol`: it did not come about, so no certificate was seen. */
export type TlsFault = "expired" | "name" | "untrusted" | "protocol";

/** @param code of Node's error. Null: it is not about TLS */
export function tlsFaultOf(code: string): TlsFault | null {
  if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code)) return "expired";
  if (/^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/.test(code)) return "name";
  if (/^(EPROTO$|ERR_SSL_|ERR_OSSL_)/.test(code)) return "protocol";
  const aboutCertificate =
    /^(ERR_TLS_|CERT_|CRL_|UNABLE_TO_|INVALID_(CA|PURPOSE)$)|SELF_SIGNED_CERT/;
  return aboutCertificate.test(code) ? "untrusted" : null;
}
