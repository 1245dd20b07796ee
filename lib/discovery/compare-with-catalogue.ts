import { lintByVendorServer } from "@/lib/contracts/catalogue/lint-by-vendor-server";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import type { DiscoveredSettings, DiscoveryLine } from "@/lib/contracts/servers/discovery";
import { extraParametersIn } from "@/lib/contracts/servers/extra-parameters";
import { beginLine } from "./context";

/** Whether the result matches what the catalogue knows about this server; none if it knows nothing. */
export function compareWithCatalogue(
  server: VendorServer | null,
  url: string,
  found: DiscoveredSettings,
): DiscoveryLine[] {
  if (server === null) return [];
  const { documentation, name, registration, setupUrl, transport } = server;
  const asked = "Is it as the catalogue says?";
  const clause = { name: `Documentation of ${name}`, url: documentation };
  const line = beginLine("catalogue", asked, clause);
  const differences = lintByVendorServer(server, {
    // The transport is not discovered; the form compares it.
    ...{ url, transport, authentication: "OAUTH", headerNames: null },
    oauth: {
      ...found,
      resource: found.resource ?? "",
      resourceIndicator: true,
      extraAuthorizationParameters: extraParametersIn(found.extraAuthorizationParameters),
    },
  });
  const app =
    registration === "PRE_REGISTERED" && found.registration === "PRE_REGISTERED" && setupUrl
      ? [`Create the OAuth app at ${setupUrl}.`]
      : [];
  const note = server.note === null ? [] : [server.note];
  const advice = [...app, ...differences.map(({ message }) => message), ...note].join(" ");
  const known = `${name} is in the catalogue`;
  return [
    differences.length === 0
      ? line.ended("done", `${known}, and nothing differs.`, advice || null)
      : line.ended("warning", `${known}, which says something else.`, advice),
  ];
}
