import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bearerChallenge, insufficientScope } from "@/lib/oauth/challenge";
import { processorMs } from "@/tests/support/processor-time";

function read(header: string) {
  return bearerChallenge(new Headers({ "www-authenticate": header }));
}

const metadata = "https://mcp.example/.well-known/oauth-protected-resource/mcp";

describe("a Bearer challenge", () => {
  test.each([
    [
      `Bearer resource_metadata="${metadata}", scope="files:read files:write"`,
      { error: null, scope: "files:read files:write", resourceMetadata: [metadata] },
    ],
    [
      `Bearer error="invalid_token", error_description="Say \\"please\\", or go", scope="a"`,
      { error: "invalid_token", scope: "a", resourceMetadata: [] },
    ],
    [`bearer SCOPE = "a  b" , realm=x`, { error: null, scope: "a b", resourceMetadata: [] }],
    [
      `Bearer resource_metadata=${metadata}`,
      { error: null, scope: null, resourceMetadata: [metadata] },
    ],
    ["Bearer", { error: null, scope: null, resourceMetadata: [] }],
    [`Bearer scope="", scope="a"`, { error: null, scope: null, resourceMetadata: [] }],
    [
      `Basic realm="files, and more", Bearer error="invalid_token", DPoP algs="ES256"`,
      { error: "invalid_token", scope: null, resourceMetadata: [] },
    ],
    [`Negotiate dG9rZW4=, Bearer scope="a"`, { error: null, scope: "a", resourceMetadata: [] }],
    [
      `DPoP scope="not this", Bearer scope="this"`,
      { error: null, scope: "this", resourceMetadata: [] },
    ],
  ])("is read from %s", (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  // QwenLM/qwen-code#5343, getsentry/sentry-mcp#939
  test.each([
    [`Bearer resource_metadata = '${metadata}'`, [metadata]],
    [`Bearer realm='a b', resource_metadata='${metadata}', scope='a b'`, [metadata]],
    [`Bearer resource_metadata=“${metadata}”`, [metadata]],
    [`Bearer resource_metadata=<${metadata}>`, [metadata]],
    ['Bearer resource_metadata="/meta/prm.json"', ["/meta/prm.json"]],
    [
      `Bearer resource_metadata="${metadata}/a", resource_metadata="${metadata}"`,
      [`${metadata}/a`, metadata],
    ],
    [`Bearer scope="a", Bearer resource_metadata="${metadata}"`, [metadata]],
  ])("finds the metadata URL, however it is written: %s", (header, places) => {
    const latin1 = Buffer.from(header, "utf8").toString("latin1");
    const read = bearerChallenge(new Headers({ "www-authenticate": latin1 }));
    expect(read?.resourceMetadata).toEqual(places);
  });

  test("is read from the second of two headers", () => {
    const headers = new Headers();
    headers.append("www-authenticate", 'Basic realm="x"');
    headers.append("www-authenticate", 'Bearer scope="a"');
    expect(bearerChallenge(headers)?.scope).toBe("a");
  });

  test.each(["", "Basic realm=x", '="x"', '"Bearer"', 'realm="Bearer scope=a"'])(
    "is not found in %j",
    (header) => {
      expect(read(header)).toBeNull();
    },
  );

  test("is read quickly, whatever a server sends", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 300 }), (text) => {
        read(`Bearer ${text}`);
      }),
    );
    const ms = processorMs(() => {
      read(`Bearer scope="${"\\".repeat(100_000)}`);
      read(`Bearer ${"a=".repeat(50_000)}`);
    });
    expect(ms).toBeLessThan(500);
  });
});

describe("a 403", () => {
  const headers = new Headers({
    "www-authenticate": 'Bearer error="insufficient_scope", scope="files:write"',
  });

  test("requests scopes when it says insufficient_scope", () => {
    expect(insufficientScope(403, headers)).toEqual({ scope: "files:write" });
  });

  test("requests nothing otherwise, and neither does another status", () => {
    expect(insufficientScope(401, headers)).toBeNull();
    const other = new Headers({ "www-authenticate": 'Bearer error="invalid_token", scope="a"' });
    expect(insufficientScope(403, other)).toBeNull();
    expect(insufficientScope(403, new Headers())).toBeNull();
  });
});
