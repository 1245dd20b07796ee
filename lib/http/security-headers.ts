/**
 * Tells the browser to run only a page's own scripts, to show it in no frame, and to use https.
 * Responses that are not pages get theirs from next.config.mjs.
 *
 * @param nonce of this response's scripts
 * @param development React's development build evaluates text as code, and reloads over a socket
 * @see https://www.w3.org/TR/CSP3/
 */
export function securityHeaders(options: {
  nonce: string;
  https: boolean;
  development: boolean;
}): Record<string, string> {
  return {
    "content-security-policy": pagePolicy(options.nonce, options.development),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ...(options.https
      ? { "strict-transport-security": "max-age=31536000; includeSubDomains" }
      : {}),
  };
}

function pagePolicy(nonce: string, development: boolean): string {
  return [
    "default-src 'self'",
    // With strict-dynamic a host allows nothing: a script runs if one of ours loaded it.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    // Positions that Radix and the toasts compute are style attributes; a style runs no code.
    "style-src 'self' 'unsafe-inline'",
    // Nothing is loaded from elsewhere: an image in an answer would tell its host what was asked.
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${development ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
