import * as z from "zod";
import { transports } from "@/lib/contracts/servers/kinds";
import { tokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { settingInputs } from "@/lib/contracts/servers/settings";

/** What a vendor's MCP server is used for: how the tiles are grouped. */
export const vendorServerCategories = {
  work: "Projects and documents",
  communication: "Communication",
  sales: "Sales and support",
  design: "Design and websites",
  development: "Development",
  data: "Data and analytics",
  payments: "Payments",
  knowledge: "Knowledge",
} as const;
export type VendorServerCategory = keyof typeof vendorServerCategories;

const category = z.enum(Object.keys(vendorServerCategories) as [VendorServerCategory]);
/** Over http only on this machine, for practice and tests: saving such a server needs ALLOW_HTTP_LOOPBACK. */
const httpsUrl = z
  .string()
  .regex(
    /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$))/,
    "must begin with https://",
  );
const host = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
const partName = /^[a-z][a-zA-Z]*$/;

/** What differs by customer in the server's URL or the endpoints, written as `{name}` there. */
export const urlPart = z.strictObject({
  name: z.string().regex(partName),
  /** Of its field. */
  label: z.string(),
  /** Where an admin finds it; one sentence. */
  hint: z.string(),
  example: z.string(),
  /** For a part that ends the host: the domains below which it has to be. Omitted for all others. */
  within: z.array(host).min(1).optional(),
});
export type UrlPart = z.infer<typeof urlPart>;

/**
 * How Usher becomes a client there. `DYNAMIC` (RFC 7591) and `METADATA_DOCUMENT` need nothing from an admin;
 * `PRE_REGISTERED` needs an OAuth app; `KEY` a header; `NONE` nothing at all.
 */
export const vendorRegistration = z.enum([
  "DYNAMIC",
  "METADATA_DOCUMENT",
  "PRE_REGISTERED",
  "KEY",
  "NONE",
]);

/**
 * For the vendor's authorization server, if the MCP server does not publish them, or publishes others than
 * manually registered clients use. A part in braces is filled in as in the URL.
 */
export const vendorEndpoints = z.strictObject({
  issuer: httpsUrl.nullable(),
  authorizationEndpoint: httpsUrl,
  tokenEndpoint: httpsUrl,
  revocationEndpoint: httpsUrl.nullable(),
});

/** A header that carries a credential. */
export const vendorHeader = z.strictObject({
  name: z.string(),
  /** Written before the credential, such as `Bearer `. */
  prefix: z.string(),
  /** Of its field, such as `API key`. */
  label: z.string(),
  /** Where an admin finds it; one sentence. */
  hint: z.string(),
});

/** Form settings that this vendor needs; what is omitted has its default. */
export const vendorQuirks = z
  .strictObject({
    tokenEndpointAuthMethod,
    /** Whether `resource` (RFC 8707) is sent. */
    resourceIndicator: z.boolean(),
    /** What `resource` contains if it is not the server's URL. */
    resource: httpsUrl,
    /** Sent with every authorization request. */
    extraAuthorizationParameters: z.record(z.string(), z.string()),
    ...settingInputs(oauthSettings),
  })
  .partial();

/** A vendor's official remote MCP server, with everything known about connecting it. */
export const vendorServer = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** Its common name, with which the form is filled in. */
  name: z.string().max(40),
  vendor: z.string().max(40),
  category,
  /** What it is for, in one line. */
  description: z.string().max(120),
  /** Of its letter tile, as `#rrggbb`. */
  color: z.string().regex(/^#[0-9a-f]{6}$/),
  /** Its URL; an admin is asked for each part in braces. */
  url: httpsUrl,
  urlParts: z.array(urlPart),
  transport: z.enum(transports).extract(["STREAMABLE_HTTP", "SSE"]),
  registration: vendorRegistration,
  /** The vendor accepts only clients that it has approved, whatever its metadata say. */
  approvedClientsOnly: z.boolean(),
  /** Hosts of its Authorization URL, to recognize another provider; empty: not known. */
  authorizationHosts: z.array(host),
  endpoints: vendorEndpoints.nullable(),
  scopes: z.strictObject({
    /** Separated by spaces; null: what the server publishes, or none. */
    recommended: z.string().nullable(),
    /** Enough to read; null: not known. */
    readOnly: z.string().nullable(),
  }),
  /** For `KEY`; null for the others. */
  header: vendorHeader.nullable(),
  quirks: vendorQuirks,
  /** How to create the OAuth app or the key; empty if neither is needed. `{callbackUrl}` is filled in. */
  steps: z.array(z.string()),
  /** Where the app or key is created; null: neither is needed, or it is at the customer's own host. */
  setupUrl: httpsUrl.nullable(),
  /** What an admin has to know beforehand, such as who must allow it; null: nothing. */
  note: z.string().nullable(),
  /** Whether it accepts Enterprise-Managed Authorization, as far as its vendor says. */
  enterpriseManaged: z.boolean(),
  /** For admins; the vendor's own if one was found. */
  documentation: httpsUrl,
  /** Where these facts were read. */
  sources: z.array(httpsUrl).min(1),
  /** The day on which they were read, as `2026-11-27`. */
  checkedOn: z.iso.date(),
});
export type VendorServer = z.infer<typeof vendorServer>;

/** Whether calls carry a token, and not a key or nothing. */
export function usesOAuth({ registration }: Pick<VendorServer, "registration">): boolean {
  return registration !== "KEY" && registration !== "NONE";
}

/** What a tile shows: enough to search and to choose. When read from a whole entry, it omits the rest. */
export const vendorServerTile = z.object(
  vendorServer.pick({
    ...{ id: true, name: true, vendor: true, category: true, description: true, color: true },
    ...{ registration: true },
  }).shape,
);
export type VendorServerTile = z.infer<typeof vendorServerTile>;

export const vendorServerList = z.object({ servers: z.array(vendorServerTile) });

export const vendorServerMatchInput = z.object({
  /** Of an MCP server. */
  url: z.string().trim().min(1, "Enter the URL of the MCP server.").max(2000),
});

/** What is known about a URL; null: nothing. */
export const vendorServerMatch = z.object({ server: vendorServer.nullable() });
