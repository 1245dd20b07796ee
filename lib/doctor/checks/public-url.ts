import type { DoctorCheck, Finding } from "@/lib/doctor/check";
import { failed, ok, skipped } from "@/lib/doctor/check";
import type { OwnAddress } from "@/lib/doctor/own-address";
import type { DoctorRun } from "@/lib/doctor/run";
import { installationId } from "@/lib/http/installation";

/** Whether PUBLIC_URL leads back here, as seen from the server. */
export const publicUrlCheck: DoctorCheck<DoctorRun> = {
  id: "public-url",
  async run(run) {
    const { live } = await run.ownAddress();
    return judgePublicUrl(live, {
      publicUrl: run.env.publicUrl,
      installation: installationId(run.env),
      instance: run.instanceId,
    });
  },
};

const fixes = {
  dns: "Check the spelling of PUBLIC_URL, and that its DNS record exists and is known on this machine.",
  tls: "Check the certificate of the proxy in front. For a private authority, set NODE_EXTRA_CA_CERTS.",
  connect: "Start Usher and the proxy in front, and check the host and port in PUBLIC_URL.",
  timeout: "Check the proxy and the firewall between this machine and PUBLIC_URL.",
  proxy: "Check OUTBOUND_PROXY_URL, or list the host in OUTBOUND_NO_PROXY.",
} as const;
const otherFix = "Check PUBLIC_URL and the proxy in front of Usher.";

export function judgePublicUrl(
  live: OwnAddress["live"],
  expected: { publicUrl: string; installation: string; instance: string | null },
): Finding {
  const { publicUrl } = expected;
  if (live.status === null) {
    const fix = live.reason in fixes ? fixes[live.reason as keyof typeof fixes] : otherFix;
    return failed(`Usher cannot reach ${publicUrl} from here: ${live.problem}`, fix);
  }
  const { installation = null, instance = null } = live.said ?? {};
  if (installation === null) {
    return failed(
      `${publicUrl} answered with status ${live.status}, but not as Usher.`,
      "Set PUBLIC_URL to the address that people open. If it is right, the proxy in front sends requests to another program, or asks for a sign-in of its own: let /api and /oauth through.",
    );
  }
  if (installation !== expected.installation) {
    return failed(
      `${publicUrl} leads to another installation of Usher.`,
      "Set PUBLIC_URL to this installation's address, or point the proxy at it. All replicas need the same NEXTAUTH_SECRET.",
    );
  }
  if (instance === expected.instance) return ok(`${publicUrl} leads to this process.`);
  return ok(
    expected.instance === null
      ? `${publicUrl} leads to this installation.`
      : `${publicUrl} leads to this installation, to another of its processes.`,
  );
}

/** Providers send people back to the callback URL. */
export const callbackCheck: DoctorCheck<DoctorRun> = {
  id: "callback",
  async run(run) {
    const { callback, live } = await run.ownAddress();
    const url = `${run.env.publicUrl}/oauth/callback`;
    if (live.status === null || callback.status === null) {
      return skipped("Not checked: Usher does not answer at the public URL.");
    }
    if (callback.said?.location === "/sign-in" || callback.said?.location === "/oauth/refused") {
      return ok(`${url} answers as Usher.`);
    }
    return failed(
      `${url} answered with status ${callback.status}, but not as Usher.`,
      "Let the proxy in front pass /oauth/callback to Usher unchanged, with its query and cookies, and without a sign-in of its own.",
    );
  },
};
