import { isIP } from "node:net";
import type { DoctorCheck, Finding } from "@/lib/doctor/check";
import { ok, skipped, warning } from "@/lib/doctor/check";
import { type EchoedHeaders, sentClientAddress } from "@/lib/doctor/own-address";
import type { DoctorRun } from "@/lib/doctor/run";
import { classifyAddress } from "@/lib/net/policy";
import { clientAddress } from "@/lib/session/client";

/** What the proxy in front does to a request's headers, seen from a request of our own. */
export const proxyHeadersCheck: DoctorCheck<DoctorRun> = {
  id: "proxy-headers",
  async run(run) {
    const { echo } = await run.ownAddress();
    if (echo.status === null) {
      return skipped("Not checked: Usher does not answer at the public URL.");
    }
    if (echo.said === null) {
      return skipped(
        `Not checked: ${run.env.publicUrl} does not pass on the header by which Usher recognizes itself.`,
      );
    }
    const person = run.requestHeaders && clientAddress(run.requestHeaders);
    return judgeProxyHeaders(run.env.publicUrl, echo.said, person);
  },
};

/**
 * Next fills in what a proxy omits: the scheme of its own port, and the address of the connecting client.
 * @param person the address in the page's own request; null: it runs in a terminal
 */
export function judgeProxyHeaders(
  publicUrl: string,
  seen: EchoedHeaders,
  person: string | null,
): Finding {
  const problems = [
    ...hostProblem(publicUrl, seen),
    ...schemeProblem(publicUrl, seen),
    ...clientProblem(publicUrl, seen, person),
  ];
  if (problems.length === 0) {
    return ok(
      isDirect(publicUrl, seen)
        ? "No proxy is in front. Requests arrive as they were sent."
        : "Host, X-Forwarded-Proto and X-Forwarded-For arrive as they should.",
    );
  }
  return warning(
    problems.map(({ finding }) => finding).join(" "),
    problems.map(({ fix }) => fix).join(" "),
  );
}

type Problem = { finding: string; fix: string };

function hostProblem(publicUrl: string, { host, forwardedHost }: EchoedHeaders): Problem[] {
  const wanted = new URL(publicUrl).host;
  if (host === wanted || forwardedHost === wanted) return [];
  return [
    {
      finding: `Requests for ${wanted} arrive with Host ${shown(host)}.`,
      fix: "Have the proxy pass on Host (nginx: proxy_set_header Host $host).",
    },
  ];
}

function schemeProblem(publicUrl: string, { forwardedProto }: EchoedHeaders): Problem[] {
  const wanted = new URL(publicUrl).protocol.slice(0, -1);
  const said = forwardedProto.split(",")[0]?.trim().toLowerCase();
  if (said === wanted) return [];
  return [
    {
      finding: `PUBLIC_URL says ${wanted}, but requests arrive with X-Forwarded-Proto ${shown(said ?? "")} or without it.`,
      fix: "Have the proxy set X-Forwarded-Proto (nginx: proxy_set_header X-Forwarded-Proto $scheme).",
    },
  ];
}

const clientFix =
  "Have the proxy append the client's address to X-Forwarded-For (nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for).";

function clientProblem(publicUrl: string, seen: EchoedHeaders, person: string | null): Problem[] {
  const entries = seen.forwardedFor.split(",").map((entry) => entry.trim());
  if (entries.at(-1) === sentClientAddress) {
    if (isDirect(publicUrl, seen)) return [];
    return [
      {
        finding:
          "The proxy passes on X-Forwarded-For unchanged, so anybody can claim any address, and sign-in limits do not hold.",
        fix: clientFix,
      },
    ];
  }
  if (entries.includes(sentClientAddress)) return [];
  // Replaced, or omitted and filled in with the proxy's own address. The person's own request decides.
  const address = person ?? clientAddress(new Headers({ "x-forwarded-for": seen.forwardedFor }));
  if (address !== null && isIP(address) && classifyAddress(address) !== "loopback") return [];
  return [
    {
      finding: `Requests arrive as if they came from ${shown(address ?? "an unknown address")}. If that is the proxy, everybody counts as one client in sign-in limits and the audit.`,
      fix: clientFix,
    },
  ];
}

/** Only on this machine can people reach the process directly. */
function isDirect(publicUrl: string, { host, forwardedFor }: EchoedHeaders): boolean {
  const { protocol, host: wanted } = new URL(publicUrl);
  return protocol === "http:" && host === wanted && forwardedFor === sentClientAddress;
}

function shown(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, "").slice(0, 80) || "none";
}
