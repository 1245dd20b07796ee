import { isIP } from "node:net";
import { classifyAddress } from "@/lib/net/address";
import { parseUrl } from "@/lib/parse-url";

/** Where this installation may connect to, beyond public https addresses. */
export interface OutboundPolicy {
  /** Practice and tests: `localhost` and loopback addresses, over http as well as https. */
  readonly allowHttpLoopback: boolean;
  /**
   * Hosts of this operator's network, reached over https although their address is private: a host
   * name, an IP address, or `*.corp.example` for every name below one.
   */
  readonly allowedPrivateHosts: readonly string[];
}

export type OutboundRefusal = {
  allowed: false;
  reason: "not_a_url" | "not_https" | "credentials" | "loopback" | "private" | "reserved";
  userMessage: string;
};

export type UrlDecision = { allowed: true; url: URL } | OutboundRefusal;
export type AddressDecision = { allowed: true } | OutboundRefusal;

/**
 * Whether Usher may send a request to this URL, as far as the URL alone tells. The addresses that
 * its host name stands for are decided on by {@link checkAddress}, when the connection is made.
 *
 * The URL parser has already turned every spelling of an IPv4 address (decimal, hex, octal, short,
 * full-width digits) into the dotted one.
 *
 * @see https://url.spec.whatwg.org/#host-parsing
 */
export function checkUrl(input: string | URL, policy: OutboundPolicy): UrlDecision {
  const url = input instanceof URL ? input : parseUrl(input);
  if (url === null) {
    return refuse(
      "not_a_url",
      "This is not a URL. Type the whole address, such as https://mcp.example.com/mcp.",
    );
  }
  const host = hostOf(url);
  const httpLoopback = url.protocol === "http:" && policy.allowHttpLoopback && isLoopbackHost(host);
  if (url.protocol !== "https:" && !httpLoopback) {
    return refuse(
      "not_https",
      "Usher connects over https only, so that tokens cannot be read on the way. Use an address that starts with https://.",
    );
  }
  if (url.username !== "" || url.password !== "") {
    return refuse(
      "credentials",
      `Take the user name and password out of the address of ${host}: an address is shown and logged. Use headers or OAuth to sign in.`,
    );
  }
  if (isIP(host)) {
    const decision = checkAddress(host, { host, protocol: url.protocol }, policy);
    return decision.allowed ? { allowed: true, url } : decision;
  }
  if (isLoopbackHost(host) && !policy.allowHttpLoopback && !isListed(host, policy)) {
    return refuseLoopback(host);
  }
  return { allowed: true, url };
}

/** Whether Usher may connect to this IP address when it wanted `host` (no brackets) over `protocol`. */
export function checkAddress(
  address: string,
  wanted: { host: string; protocol: string },
  policy: OutboundPolicy,
): AddressDecision {
  const kind = classifyAddress(address);
  // Only a host that says itself that it is loopback: no public name may lead there.
  const loopbackAllowed = policy.allowHttpLoopback && isLoopbackHost(wanted.host);
  if (wanted.protocol !== "https:" && !(kind === "loopback" && loopbackAllowed)) {
    return refuse("not_https", `Usher connects to ${wanted.host} over https only.`);
  }
  const listed = isListed(wanted.host, policy);
  switch (kind) {
    case "public":
      return { allowed: true };
    case "loopback":
      return loopbackAllowed || listed ? { allowed: true } : refuseLoopback(wanted.host);
    case "private":
      if (listed) return { allowed: true };
      return refuse(
        "private",
        `${wanted.host} is in a private network, where Usher does not connect unasked. If it is yours, the operator can add it to ALLOWED_PRIVATE_HOSTS.`,
      );
    case "reserved":
      return refuse(
        "reserved",
        `${wanted.host} has a reserved address, where no server can be. Usher does not connect there. Check the address.`,
      );
  }
}

/** The host without the brackets of an IPv6 address and without the final dot of an absolute name. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

/** @see https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
function isLoopbackHost(host: string): boolean {
  if (isIP(host)) return classifyAddress(host) === "loopback";
  return host === "localhost" || host.endsWith(".localhost");
}

function isListed(host: string, policy: OutboundPolicy): boolean {
  return policy.allowedPrivateHosts.some((entry) => {
    const listed = entry
      .trim()
      .toLowerCase()
      .replace(/^\[(.*)\]$/, "$1");
    return listed.startsWith("*.") ? host.endsWith(listed.slice(1)) : host === listed;
  });
}

function refuseLoopback(host: string): OutboundRefusal {
  return refuse(
    "loopback",
    `${host} is the machine that Usher itself runs on, where it does not connect. Use the server's public https address.`,
  );
}

function refuse(reason: OutboundRefusal["reason"], userMessage: string): OutboundRefusal {
  return { allowed: false, reason, userMessage };
}
