import { z } from "zod";
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
  /** Of a part that ends the host: the domains below which it has to be. Left out for all others. */
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
 * Of the vendor's authorization server, where the MCP server does not publish them, or publishes others than
 * clients by hand use. A part in braces is filled in as in the URL.
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

/** Settings of the form that this vendor needs; what is left out has its default. */
export const vendorQuirks = z
  .strictObject({
    tokenEndpointAuthMethod,
    /** Whether `resource` (RFC 8707) is sent. */
    resourceIndicator: z.boolean(),
    /** What `resource` carries where it is not the server's URL. */
    resource: httpsUrl,
    /** Sent with every authorization request. */
    extraAuthorizationParameters: z.record(z.string(), z.string()),
    ...settingInputs(oauthSettings),
  })
  .partial();

/** An official remote MCP server of a vendor, with all that is known of how to connect it. */
export const vendorServer = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** As people say it; the name that the form is filled in with. */
  name: z.string().max(40),
  vendor: z.string().max(40),
  category,
  /** What it is for, in one line. */
  description: z.string().max(120),
  /** Of its letter tile, as `#rrggbb`. */
  color: z.string().regex(/^#[0-9a-f]{6}$/),
  /** Where it answers; a part in braces is asked for. */
  url: httpsUrl,
  urlParts: z.array(urlPart),
  transport: z.enum(transports).extract(["STREAMABLE_HTTP", "SSE"]),
  registration: vendorRegistration,
  /** The vendor takes only clients that it has approved, whatever its metadata say. */
  approvedClientsOnly: z.boolean(),
  /** Hosts of its Authorization URL, to tell another provider by; empty: not known. */
  authorizationHosts: z.array(host),
  endpoints: vendorEndpoints.nullable(),
  scopes: z.strictObject({
    /** Separated by spaces; null: what the server publishes, or none. */
    recommended: z.string().nullable(),
    /** Enough to read; null: not known. */
    readOnly: z.string().nullable(),
  }),
  /** Of `KEY`; null for the others. */
  header: vendorHeader.nullable(),
  quirks: vendorQuirks,
  /** How to make the OAuth app or the key; empty where nothing is to be made. `{callbackUrl}` is filled in. */
  steps: z.array(z.string()),
  /** Where the app or key is made; null: nothing is to be made, or it is at the customer's own host. */
  setupUrl: httpsUrl.nullable(),
  /** What an admin has to know beforehand, such as who must allow it; null: nothing. */
  note: z.string().nullable(),
  /** Whether it takes Enterprise-Managed Authorization, as far as its vendor says. */
  enterpriseManaged: z.boolean(),
  /** For admins; the vendor's own where one was found. */
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

/** What a tile shows: enough to search for and to choose. Read from a whole entry, it leaves the rest out. */
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

/** What is known of a URL; null: nothing. */
export const vendorServerMatch = z.object({ server: vendorServer.nullable() });
