"use client";

import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useState } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import type * as z from "zod";
import { parametersOf, relevantOAuth } from "@/components/mcp-servers/form/server-form-values";
import { Callout } from "@/components/ui/callout";
import { TextLink } from "@/components/ui/text/text-link";
import { lintByVendorServer } from "@/lib/contracts/catalogue/lint-by-vendor-server";
import type { VendorServer, vendorServerMatch } from "@/lib/contracts/catalogue/vendor-server";
import { matchVendorServer } from "@/lib/contracts/catalogue/vendor-server-url";
import { startsProgram } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { parseHeaders } from "@/lib/contracts/servers/secret-lines";
import { parseUrl } from "@/lib/parse-url";
import { fetchJson } from "@/lib/queries/fetch-json";

/** What the catalogue knows about the form's URL; null: nothing, or not yet. */
export function useVendorServer(): VendorServer | null {
  const { control } = useFormContext<McpServerInput>();
  const [url, transport] = useWatch({ control, name: ["url", "transport"] });
  const address = parseUrl(url.trim());
  // Looked up once the host ends in a domain: a half-typed host is not looked up.
  const known = address?.protocol === "https:" && /\.[a-z]{2,}$/.test(address.hostname);
  const asked = useSettled(known && !startsProgram(transport) ? (address?.href ?? "") : "");
  const { data } = useQuery({
    queryKey: ["catalogue", "match", asked],
    queryFn: ({ signal }) =>
      fetchJson<z.infer<typeof vendorServerMatch>>(
        `/api/catalogue/match?${new URLSearchParams({ url: asked })}`,
        { signal },
      ),
    enabled: asked !== "",
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });
  const server = data?.server ?? null;
  return server && asked !== "" && matchVendorServer(server, asked) !== null ? server : null;
}

/** The value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 300);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** Where the form differs from what the catalogue knows about this server. Saving is allowed regardless. */
export function VendorServerWarnings({
  server,
  storedHeaderNames,
}: {
  server: VendorServer;
  storedHeaderNames: readonly string[];
}) {
  const { control } = useFormContext<McpServerInput>();
  const values = useDeferredValue(useWatch({ control })) as McpServerInput;
  const { url, transport, authentication } = values;
  const oauth = relevantOAuth(values.oauth);
  const warnings = lintByVendorServer(server, {
    ...{ url: url.trim(), transport, authentication },
    headerNames: headerNamesOf(values, storedHeaderNames),
    oauth:
      authentication === "OAUTH"
        ? {
            ...oauth,
            authorizationEndpoint: oauth.authorizationEndpoint.trim(),
            tokenEndpoint: oauth.tokenEndpoint.trim(),
            registration: oauth.registration ?? "PRE_REGISTERED",
            resource: oauth.resource?.trim() ?? "",
            extraAuthorizationParameters: parametersOf(oauth.extraAuthorizationParameters),
          }
        : null,
  });
  if (warnings.length === 0) return null;
  return (
    <Callout tone="warning" title={`This may not work with ${server.name}`}>
      <ul className="grid gap-1">
        {warnings.map(({ field, message }) => (
          <li key={`${field} ${message}`} className="[overflow-wrap:anywhere]">
            {message}
          </li>
        ))}
      </ul>
      <p className="mt-2">
        <TextLink href={server.documentation} external>
          {server.name}’s documentation
        </TextLink>
      </p>
    </Callout>
  );
}

/** Null while they cannot be determined, during typing. */
function headerNamesOf(
  { headers, headerSharing, settings }: McpServerInput,
  stored: readonly string[],
): readonly string[] | null {
  if (headerSharing === "PER_USER") {
    return (settings?.personalHeaders ?? "").split("\n").map((line) => line.split(":")[0] ?? "");
  }
  const parsed = parseHeaders(headers);
  if (!parsed.ok) return null;
  const typed = Object.keys(parsed.values);
  return typed.length > 0 ? typed : stored;
}
