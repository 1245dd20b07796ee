import { describe, expect, it } from "vitest";
import { securityHeaders } from "@/lib/http/security-headers";

const page = { nonce: "n0nce", https: true, development: false };
const policyOf = (options: Parameters<typeof securityHeaders>[0]) =>
  securityHeaders(options)["content-security-policy"] ?? "";

describe("securityHeaders", () => {
  it("lets a page run scripts with its nonce only", () => {
    const scripts = policyOf(page).match(/script-src ([^;]+)/)?.[1];
    expect(scripts).toBe("'self' 'nonce-n0nce' 'strict-dynamic'");
  });

  it.each(["frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"])(
    "says %s",
    (directive) => {
      expect(policyOf(page)).toContain(directive);
    },
  );

  it("lets an answer that is no page load nothing", () => {
    expect(policyOf({ ...page, nonce: null })).toMatch(/^default-src 'none'/);
  });

  it("asks for https where the public URL has it, and not on localhost", () => {
    expect(securityHeaders(page)).toHaveProperty("strict-transport-security");
    expect(securityHeaders({ ...page, https: false })).not.toHaveProperty(
      "strict-transport-security",
    );
  });
});
