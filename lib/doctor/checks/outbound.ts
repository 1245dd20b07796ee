import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import tls from "node:tls";
import type { DoctorCheck } from "@/lib/doctor/check";
import { counted, failed, listed, ok, skipped, warning } from "@/lib/doctor/check";
import type { DoctorRun } from "@/lib/doctor/run";

/** How many problems are told in full. */
const mostTold = 3;

/** Every host of a registered server or provider, over the same route as tool calls and refreshes. */
export const outboundCheck: DoctorCheck<DoctorRun> = {
  id: "outbound",
  needsDatabase: true,
  async run(run) {
    const hosts = await run.hosts();
    if (hosts.length === 0) return skipped("No MCP server with a URL is registered yet.");
    const bad = hosts.filter(({ problem }) => problem !== null);
    const all = `${counted(hosts.length, "host")} of MCP servers and providers`;
    if (bad.length === 0) return ok(`${all} ${hosts.length === 1 ? "answers" : "answer"}.`);
    // Each problem is a sentence or two, so they cannot be listed with commas.
    const told = bad.slice(0, mostTold).map(({ problem }) => problem);
    const left = bad.length - told.length;
    const finding = [
      `${bad.length} of ${all} cannot be reached.`,
      ...told,
      ...(left > 0 ? [`And ${left} more.`] : []),
    ].join(" ");
    const reasons = new Set(bad.map(({ reason }) => reason));
    const fixes = [
      reasons.has("dns") ? "Check these names, and the DNS of this machine." : "",
      reasons.has("tls")
        ? "For a private authority, set NODE_EXTRA_CA_CERTS; otherwise the server's operator renews its certificate."
        : "",
      reasons.has("proxy") ? "Check OUTBOUND_PROXY_URL." : "",
      reasons.has("refused") ? "For hosts in your own network, set ALLOWED_PRIVATE_HOSTS." : "",
    ].filter(Boolean);
    const fix = fixes.join(" ") || "Check that they run, and the firewall of this machine.";
    return bad.length === hosts.length ? failed(finding, fix) : warning(finding, fix);
  },
};

const connectMs = 4_000;

export const proxyCheck: DoctorCheck<DoctorRun> = {
  id: "proxy",
  async run({ env: { outboundProxy, surroundings } }) {
    if (outboundProxy === null) {
      const { ignoredProxies } = surroundings;
      if (ignoredProxies.length === 0) return ok("None is set: Usher connects directly.");
      return warning(
        `${listed(ignoredProxies)} ${ignoredProxies.length === 1 ? "is" : "are"} set, which Usher ignores. It connects directly.`,
        "If the internet is reached through a proxy only, set OUTBOUND_PROXY_URL.",
      );
    }
    const { hostname, port, protocol, host } = new URL(outboundProxy.origin);
    const problem = await connectProblem(
      hostname.replace(/^\[(.*)\]$/, "$1"),
      Number(port) || (protocol === "https:" ? 443 : 80),
    );
    if (problem === null) return ok(`The outbound proxy ${host} accepts connections.`);
    return failed(
      `The outbound proxy ${host} cannot be reached (${problem}).`,
      "Check OUTBOUND_PROXY_URL, and that the proxy runs.",
    );
  },
};

function connectProblem(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMs });
    const end = (problem: string | null) => {
      socket.destroy();
      resolve(problem);
    };
    socket.once("connect", () => end(null));
    socket.once("timeout", () => end("no answer"));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? "failed"));
  });
}

export const certificatesCheck: DoctorCheck<DoctorRun> = {
  id: "certificates",
  async run({ env: { surroundings }, now }) {
    const { extraCaFile, verifiesTls } = surroundings;
    if (!verifiesTls) {
      return failed(
        "NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the check of every certificate, so tokens can be read on the way.",
        "Remove it. For a private authority, set NODE_EXTRA_CA_CERTS.",
      );
    }
    if (extraCaFile === null) return ok("Node's own list of authorities is used.");
    const text = await readFile(extraCaFile, "utf8").catch(() => null);
    const blocks = text?.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
    const read = (blocks ?? []).flatMap((block) => certificate(block) ?? []);
    const name = `NODE_EXTRA_CA_CERTS (${extraCaFile})`;
    if (text === null || read.length === 0) {
      return failed(
        `${name} ${text === null ? "cannot be read" : "holds no certificate in PEM format"}. Node ignores it.`,
        "Correct the path, or let Usher's user read the file. Then restart.",
      );
    }
    if (!isInEffect()) {
      return failed(
        `${name} is not in effect: Node reads it only when a process starts, and never from .env.`,
        "Set it in the environment of the process, such as in the systemd unit or the container.",
      );
    }
    const expired = read.filter(({ validTo }) => Date.parse(validTo) < now().getTime());
    if (expired.length > 0) {
      return warning(
        `${counted(expired.length, "certificate")} in ${name} ${expired.length === 1 ? "has" : "have"} expired.`,
        "Replace the file with the authority's current certificate and restart.",
      );
    }
    return ok(`${counted(read.length, "more authority", "more authorities")} from ${name}.`);
  },
};

function certificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

/** Only Node 22.15 and newer can tell; for older ones it is assumed. */
function isInEffect(): boolean {
  const { getCACertificates } = tls as { getCACertificates?: (kind: "extra") => string[] };
  return getCACertificates === undefined || getCACertificates("extra").length > 0;
}
