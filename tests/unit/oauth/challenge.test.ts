import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bearerChallenge, insufficientScope, refusesToken } from "@/lib/oauth/challenge";
import { bodyAsksForScopes } from "@/lib/oauth/reading/missing-scopes";
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
    expect(read(header)).toMatchObject(expected);
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
    // RFC 9728 §5.1: the parameter is not tied to Bearer.
    [`DPoP algs="ES256", resource_metadata="${metadata}"`, [metadata]],
    [`resource_metadata="${metadata}"`, [metadata]],
    [`Bearer error_description="the "a" scope", resource_metadata="${metadata}"`, [metadata]],
    [`Bearer scope=a,b, resource_metadata="${metadata}"`, [metadata]],
    // Names that public servers send
    [`Bearer realm="MCP", resource_metadata_uri="${metadata}"`, [metadata]],
    [`Bearer realm="MCP", resource_metadata_url="${metadata}"`, [metadata]],
    [`Bearer resource-metadata="${metadata}"`, [metadata]],
    ['Bearer resource_metadata_uri=".well-known/x"', [".well-known/x"]],
    // Other punctuation between the parts
    [`Bearer realm="x" resource_metadata="${metadata}" error="invalid_token"`, [metadata]],
    [`Bearer: resource_metadata="${metadata}"`, [metadata]],
    [`Bearer error="invalid_token"; resource_metadata="${metadata}"`, [metadata]],
    [`Bearer resource_metadata=${metadata};error=invalid_token`, [metadata]],
    [`Bearer error_description="No token" (see docs), resource_metadata="${metadata}"`, [metadata]],
    [`Bearer realm=\\"a b\\", resource_metadata=\\"${metadata}\\", error=\\"x\\"`, [metadata]],
  ])("finds the metadata URL, however it is written: %s", (header, places) => {
    const latin1 = Buffer.from(header, "utf8").toString("latin1");
    const read = bearerChallenge(new Headers({ "www-authenticate": latin1 }));
    expect(read?.resourceMetadata).toEqual(places);
  });

  test.each([
    ['Bearer scope="a, b"', "a b"],
    ['Bearer scope="a ,b, "', "a b"],
    [`Bearer scope="['a', 'b:c']"`, "a b:c"],
    ['Bearer scope="a,b"', "a,b"],
  ])("names its scopes, however they are separated: %s", (header, scope) => {
    expect(read(header)?.scope).toBe(scope);
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
      read(`Bearer "${'\\"'.repeat(50_000)}`);
      read(`Bearer ${"(;".repeat(50_000)}`);
    });
    expect(ms).toBeLessThan(500);
  });
});

describe("a refused call", () => {
  const challenge = (header: string) => new Headers({ "www-authenticate": header });

  test.each<[number, string, string | null]>([
    [403, 'Bearer error="insufficient_scope", scope="files:write"', "files:write"],
    [401, 'Bearer error="insufficient_scope", scope="files:write"', "files:write"],
    // thunder-id/thunderid#4509
    [403, 'Bearer resource_metadata="/m", scope="files:write"', "files:write"],
    // modelcontextprotocol/python-sdk#3103
    [
      403,
      'Bearer error="insufficient_scope", error_description="Required scope: api.read"',
      "api.read",
    ],
    // anthropics/claude-code#92518
    [
      403,
      'Bearer error="insufficient_scope", error_description="Insufficient scope: events:write required"',
      "events:write",
    ],
    [
      403,
      `Bearer error="insufficient_scope", error_description="Missing scopes: 'a:x', 'a:y' and b."`,
      "a:x a:y b",
    ],
    [
      403,
      'Bearer error="insufficient_scope", error_description="Missing scope: Please ask your admin"',
      null,
    ],
    [403, 'Bearer error="insufficient_scope"', null],
    [403, "Bearer error=insufficient_scope, scope=a:x b:y", "a:x b:y"],
    [403, "Bearer scope=a:x b:y error=insufficient_scope", "a:x b:y"],
    [403, 'Bearer error="insufficient_scope", scopes="a b"', "a b"],
    [403, 'Bearer error="insufficient_scope", required_scopes="a b"', "a b"],
    [403, 'Bearer error="insufficient-scope", scope="a"', "a"],
    [403, 'Bearer error="missing_scope", scope="a"', "a"],
    [403, 'Bearer error="insufficient_permissions", scope="a"', "a"],
    [403, 'Bearer error="insufficient_scope", scope=["a", "b"]', "a b"],
    [403, 'Bearer scope=[a b], error="insufficient_scope"', "a b"],
    [403, 'Bearer realm="x", Bearer error="insufficient_scope", scope="a"', "a"],
    ...[
      "This operation requires scope 'files:write'",
      "Requires the files:write scope",
      "Token is missing the 'files:write' scope.",
      "Missing required scope files:write.",
    ].map(
      (words): [number, string, string] =>
        [
          ...[
            403,
            `Bearer error="insufficient_scope", error_description="${words}"`,
            "files:write",
          ],
        ] as [number, string, string],
    ),
    [
      403,
      'Bearer error="insufficient_scope", error_description="The token has the scope files:read only"',
      null,
    ],
    [
      403,
      'Bearer error="insufficient_scope", error_description="This requires a higher scope than you own"',
      null,
    ],
  ])("with %i and %s asks for scopes", (status, header, scope) => {
    expect(insufficientScope(status, challenge(header))).toEqual({ scope });
    expect(refusesToken({ status, headers: challenge(header) })).toBe(false);
  });

  test.each<[number, string]>([
    [403, 'Bearer error="invalid_token", scope="a"'],
    [401, 'Bearer error="invalid_token", scope="a"'],
    [401, 'Bearer scope="a"'],
    [403, "Bearer"],
    [403, 'Basic realm="x", scope="a"'],
    [400, 'Bearer error="insufficient_scope", scope="a"'],
    [403, 'Bearer error="insufficient_permissions"'],
    [401, 'Bearer error="insufficient_permissions", scope="a"'],
  ])("with %i and %s asks for none", (status, header) => {
    expect(insufficientScope(status, challenge(header))).toBeNull();
  });

  test("has in its body what its challenge leaves out", () => {
    const told = (body: unknown) => bodyAsksForScopes(JSON.stringify(body));
    const error = "insufficient_scope";
    expect(told({ error, scope: "a b" })).toBe('Bearer error="insufficient_scope", scope="a b"');
    expect(told({ error, required_scopes: "a" })).toContain('scope="a"');
    expect(told({ error, error_description: "Required scope: a:x" })).toContain('scope="a:x"');
    expect(told({ error })).toBe('Bearer error="insufficient_scope"');
    const named = 'Bearer error="insufficient_scope", scope="a:b"';
    expect(told({ detail: { error, scope: "a:b" } })).toBe(named);
    expect(told({ error: "missing_scope", needed: "x", scope: "a:b" })).toBe(named);
    expect(told({ error: "forbidden", message: "Missing required scope: a:b" })).toBe(named);
    expect(told({ message: "This requires the a:b scope" })).toBe(named);
    expect(told({ message: "You are not in scope of this project" })).toBeNull();
    expect(told({ error, required_scopes: ["a", "b"] })).toContain('scope="a b"');
    expect(told({ error: { code: error, data: { missing: ["a"] } } })).toContain('scope="a"');
    expect(told({ detail: "Insufficient scope: a:x required" })).toContain('scope="a:x"');
    expect(told({ error, required: [{}, 1, true] })).toBe('Bearer error="insufficient_scope"');
    expect(told({ error, scope: 'a", resource_metadata="https://evil.example' })).not.toContain(
      "evil",
    );
    expect(told({ error: "forbidden", scope: "a" })).toBeNull();
    expect(told("no")).toBeNull();
  });
});
