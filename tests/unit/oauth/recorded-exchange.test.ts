import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flowStep } from "@/lib/contracts/servers/flow";
import {
  type RawAnswer,
  type RawRequest,
  recordChallenge,
  recordExchange,
  recordNavigation,
} from "@/lib/oauth/recorded-exchange";

const timing = { at: new Date("2026-03-01T10:00:00Z"), durationMs: 84.4 };
const tokenUrl = "https://as.example.com/oauth/token";

const refresh: RawRequest = {
  method: "POST",
  url: tokenUrl,
  authorization: `Basic ${Buffer.from("client-1:hunter2-hunter2").toString("base64")}`,
  body: "grant_type=refresh_token&refresh_token=r-secret&resource=https%3A%2F%2Fmcp.example.com%2Fmcp",
};

const json = (body: unknown, status = 200): RawAnswer => ({
  status,
  contentType: "application/json; charset=utf-8",
  body: JSON.stringify(body),
});

const shownOf = (list: readonly { name: string; value: string | null }[], name: string) =>
  list.find((each) => each.name === name);

describe("the record of an exchange", () => {
  it("contains the request and the response, without any credential", () => {
    const granted = {
      access_token: "a-secret",
      token_type: "Bearer",
      expires_in: 3600,
      scope: "a b",
    };
    const step = recordExchange("refresh", timing, refresh, json(granted));
    expect(flowStep.parse(step)).toEqual({
      kind: "refresh",
      at: "2026-03-01T10:00:00.000Z",
      durationMs: 84,
      request: {
        method: "POST",
        url: tokenUrl,
        authorization: "Basic",
        parameters: [
          { name: "grant_type", value: "refresh_token" },
          { name: "refresh_token", value: null },
          { name: "resource", value: "https://mcp.example.com/mcp" },
        ],
        otherParameters: 0,
      },
      answer: {
        status: 200,
        contentType: "application/json",
        fields: [
          { name: "access_token", value: null },
          { name: "token_type", value: "Bearer" },
          { name: "expires_in", value: "3600" },
          { name: "scope", value: "a b" },
        ],
        otherFields: 0,
      },
      error: null,
      errorDescription: null,
      problem: null,
    });
  });

  it("keeps an error and its description, truncated and sanitized", () => {
    const answer = json(
      {
        error: "invalid_grant",
        error_description: "r-secret was revoked\u202e\n by hunter2-hunter2",
      },
      400,
    );
    const step = recordExchange("refresh", timing, refresh, answer, { secrets: [] });
    expect(step.error).toBe("invalid_grant");
    expect(step.errorDescription).toBe("… was revoked by …");
  });

  it("counts unknown names", () => {
    const step = recordExchange("refresh", timing, refresh, json({ "tok-4711": 1, team: "T1" }));
    expect(step.answer?.otherFields).toBe(1);
    expect(step.answer?.fields).toEqual([{ name: "team", value: null }]);
  });

  it("keeps the public part of an authorization request, and from the callback what went wrong", () => {
    const url = `https://as.example.com/authorize?response_type=code&client_id=client-1&state=${"s".repeat(43)}&code_challenge=${"c".repeat(43)}&code_challenge_method=S256&scope=files%3Aread&x=1`;
    const { request } = recordNavigation("authorization_request", timing.at, url);
    expect(request?.url).toBe("https://as.example.com/authorize");
    expect(shownOf(request?.parameters ?? [], "state")).toEqual({ name: "state", value: null });
    expect(shownOf(request?.parameters ?? [], "client_id")?.value).toBe("client-1");
    expect(shownOf(request?.parameters ?? [], "scope")?.value).toBe("files:read");
    expect(request?.otherParameters).toBe(1);
    const back = recordNavigation(
      "authorization_response",
      timing.at,
      "https://usher.example.com/oauth/callback?error=access_denied&error_description=No+thanks&state=s-secret",
    );
    expect([back.error, back.errorDescription]).toEqual(["access_denied", "No thanks"]);
    expect(JSON.stringify(back)).not.toContain("s-secret");
  });

  it("removes a key from the path of an MCP server", () => {
    const step = recordChallenge(
      timing.at,
      "https://mcp.example.com/s/0a1b2c3d4e5f6a7b8c9d0e/mcp",
      "x",
    );
    expect(step.request?.url).toBe("https://mcp.example.com/s/…/mcp");
    expect(step.error).toBe("insufficient_scope");
  });
});

const secret = fc
  .uint8Array({ minLength: 12, maxLength: 48 })
  .map((bytes) => `k9${Buffer.from(bytes).toString("base64url")}`);
const name = fc.oneof(
  fc.constantFrom(
    ...["code", "state", "code_verifier", "client_secret", "access_token", "refresh_token"],
    ...["id_token", "token", "authed_user", "expires_in", "token_type", "grant_type", "ok", "iss"],
    ...["redirect_uri", "response_type", "prompt", "access_type", "client_secret_expires_at"],
  ),
  fc
    .string({ minLength: 1, maxLength: 30 })
    .filter(
      (text) =>
        !/^(scope|error|message|client_id|audience|resource|redirect_uri|client_uri|iss)/.test(
          text,
        ),
    ),
);
const formsOf = (value: string) => [
  value,
  encodeURIComponent(value),
  Buffer.from(value).toString("base64").replace(/=+$/, ""),
];

function expectNothingOf(value: string, step: unknown): void {
  const text = JSON.stringify(step);
  for (const form of formsOf(value)) expect(text).not.toContain(form);
}

describe("no secret is in a record", () => {
  it("whatever its name, on either side, at any depth, or as a name", () => {
    fc.assert(
      fc.property(name, secret, fc.boolean(), (under, value, deep) => {
        const body = new URLSearchParams({ [under]: value, [value]: "1" }).toString();
        const answered = deep ? { [under]: { [value]: [value] } } : { [under]: value, [value]: 1 };
        const request = { ...refresh, authorization: `Bearer ${value}`, body };
        expectNothingOf(value, recordExchange("code_exchange", timing, request, json(answered)));
        expectNothingOf(
          value,
          recordNavigation("authorization_response", timing.at, `${tokenUrl}?${body}`),
        );
      }),
    );
  });

  it("quoted by a provider whose text is shown", () => {
    const place = fc.constantFrom("error", "error_description", "message", "scope");
    const short = fc
      .stringMatching(/^[a-z]{8,16}$/)
      .filter((text) => !"refresh_token".includes(text));
    fc.assert(
      fc.property(
        place,
        fc.oneof(secret, short),
        fc.constantFrom("sent", "granted", "header"),
        (where, value, how) => {
          const request = {
            ...refresh,
            body: how === "sent" ? `refresh_token=${value}` : "grant_type=refresh_token",
            authorization:
              how === "header" ? `Basic ${Buffer.from(`c:${value}`).toString("base64")}` : null,
          };
          const answer = json(
            { [where]: `got ${value} here`, ...(how === "granted" ? { access_token: value } : {}) },
            400,
          );
          const text = JSON.stringify(recordExchange("refresh", timing, request, answer));
          expect(text).not.toContain(value);
        },
      ),
    );
  });

  it("in the text of a network failure, a content type or a method", () => {
    fc.assert(
      fc.property(secret, (value) => {
        const request = { ...refresh, method: value, body: `token=${value}` };
        const answer = { status: 200, contentType: `text/${value}`, body: `<p>${value}</p>` };
        expectNothingOf(value, recordExchange("revocation", timing, request, answer));
        const problem = `as.example.com said ${value}`;
        expectNothingOf(value, recordExchange("revocation", timing, request, null, { problem }));
      }),
    );
  });

  it("in a URL that is shown, be it in its query, its user or a long path segment", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("resource", "redirect_uri", "audience", "iss"),
        secret,
        (under, value) => {
          const key = `${value}${value}`;
          const address = `https://u:${key}@mcp.example.com/s/${key}/mcp?key=${key}#${key}`;
          const body = new URLSearchParams({ [under]: address }).toString();
          expectNothingOf(
            key,
            recordExchange("refresh", timing, { ...refresh, url: address, body }, null),
          );
        },
      ),
    );
  });
});
