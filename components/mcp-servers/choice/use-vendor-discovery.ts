import { useEffect, useEffectEvent, useRef } from "react";
import { type DiscoveryEnd, useDiscovery } from "@/components/mcp-servers/discovery/use-discovery";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import { needsDiscovery } from "@/lib/contracts/catalogue/vendor-server-input";
import { vendorServerUrl } from "@/lib/contracts/catalogue/vendor-server-url";
import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";

/** Discovers the endpoints that a vendor publishes, in the background while the form is filled in. */
export function useVendorDiscovery(server: VendorServer) {
  const { run, start } = useDiscovery();
  const asked = useRef<{ url: string; end: Promise<DiscoveryEnd> } | null>(null);
  const needed = needsDiscovery(server);

  function ask(url: string): Promise<DiscoveryEnd> {
    if (asked.current?.url !== url) asked.current = { url, end: start(url) };
    return asked.current.end;
  }

  /** Null if nothing has to be discovered, or no OAuth was found. */
  async function settings(urlParts: Readonly<Record<string, string>>) {
    const url = needed ? vendorServerUrl(server, urlParts) : null;
    if (!url?.ok) return null;
    const end = await ask(url.url);
    // A failed discovery runs again at the next try.
    if (end.outcome !== "oauth") asked.current = null;
    return end.outcome === "oauth" ? end.settings : null;
  }

  /** As soon as the address is known. */
  function ahead(urlParts: Readonly<Record<string, string>>): void {
    const url = needed ? vendorServerUrl(server, urlParts) : null;
    if (url?.ok) void ask(url.url);
  }

  const onOpen = useEffectEvent(() => ahead({}));
  useEffect(() => {
    onOpen();
    return () => {
      asked.current = null;
    };
  }, []);

  function again(urlParts: Readonly<Record<string, string>>): void {
    asked.current = null;
    ahead(urlParts);
  }

  return { run, settings, ahead, again };
}

/** From a run that found OAuth. */
export function settingsOf(end: DiscoveryEnd | null | undefined): DiscoveredSettings | null {
  return end?.outcome === "oauth" ? end.settings : null;
}
