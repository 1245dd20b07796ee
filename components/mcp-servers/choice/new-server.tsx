"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { ServerChoice } from "@/components/mcp-servers/choice/server-choice";
import { VendorServerPage } from "@/components/mcp-servers/choice/vendor-server-page";
import { WholeForm } from "@/components/mcp-servers/form/server-editor";
import { RegistryImport } from "@/components/mcp-servers/registry/registry-import";
import { matchVendorServer } from "@/lib/contracts/catalogue/vendor-server-url";
import { newServerInput } from "@/lib/contracts/servers/new-server";
import { vendorServerOfUrlQuery } from "@/lib/queries/vendor-servers";

/** Starts with the choice, which is kept in the URL, so that Back works. */
export function NewServer({ registryHost }: { registryHost: string | null }) {
  const query = useSearchParams();
  const server = query.get("server");
  const url = query.get("url");
  const byHand = query.get("by") === "hand";
  const registry = registryHost === null ? null : query.get("registry");
  if (registry !== null && registryHost !== null) {
    return <RegistryImport key={registry} name={registry} host={registryHost} byHand={byHand} />;
  }
  if (server) return <VendorServerPage key={server} id={server} byHand={byHand} />;
  if (url) return <PastedServer key={url} url={url} />;
  // An empty URL is entered in the form.
  return byHand || url === "" ? (
    <WholeForm values={newServerInput()} />
  ) : (
    <ServerChoice hasRegistry={registryHost !== null} />
  );
}

/** What the catalogue knows about the URL is not discovered again. */
function PastedServer({ url }: { url: string }) {
  const known = useQuery(vendorServerOfUrlQuery(url));
  if (known.isPending) return <WholeForm values={null} />;
  const server = known.data ?? null;
  return server && server.urlParts.length === 0 && matchVendorServer(server, url) === "exact" ? (
    <VendorServerPage id={server.id} byHand={false} />
  ) : (
    <WholeForm values={{ ...newServerInput(), url }} />
  );
}
