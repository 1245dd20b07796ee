import { describe, expect, it } from "vitest";
import { securityHeaders } from "@/lib/http/security-headers";
import nextConfig from "@/next.config.mjs";

const page = { nonce: "n0nce", https: true, development: false };
const policyOf = (options: Parameters<typeof securityHeaders>[0]) =>
  securityHeaders(options)["content-security-policy"] ?? "";

describe("securityHeaders", () => {
  it("lets a page run only scripts with its nonce", () => {
    const scripts = policyOf(page).match(/script-src ([^;]+)/)?.[1];
    expect(scripts).toBe("'self' 'nonce-n0nce' 'strict-dynamic'");
  });

  it.each(["frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"])(
    "includes %s",
    (directive) => {
      expect(policyOf(page)).toContain(directive);
    },
  );

  it("includes the same in responses that are not pages, which may load nothing", async () => {
    const [api] = (await nextConfig.headers?.()) ?? [];
    expect(api?.source).toBe("/api/:path*");
    const { "content-security-policy": policy, ...others } = Object.fromEntries(
      (api?.headers ?? []).map(({ key, value }) => [key, value]),
    );
    expect(policy).toMatch(/^default-src 'none'; frame-ancestors 'none'/);
    const ofPages = securityHeaders({ ...page, https: false });
    expect({ ...others, "content-security-policy": null }).toEqual({
      ...ofPages,
      "content-security-policy": null,
    });
  });

  it("requires https if the public URL has it, and not on localhost", () => {
    expect(securityHeaders(page)).toHaveProperty("strict-transport-security");
    expect(securityHeaders({ ...page, https: false })).not.toHaveProperty(
      "strict-transport-security",
    );
  });
});
