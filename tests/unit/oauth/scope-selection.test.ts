import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decideStepUp,
  parseScope,
  scopeIncludes,
  scopeUnion,
  selectScope,
} from "@/lib/oauth/scope";

const nothing = { challenge: null, resource: null, authorizationServer: null };

describe("a first authorization requests", () => {
  test("the scopes in the challenge, whatever the metadata list", () => {
    expect(selectScope({ ...nothing, challenge: "b", resource: ["a", "c"] })).toEqual({
      scope: "b",
      from: "challenge",
      offlineAccess: false,
      offlineLeftOut: false,
      tooMany: false,
    });
  });

  test("everything that the metadata list, if the challenge names nothing", () => {
    expect(selectScope({ ...nothing, resource: ["a", "c"] })).toEqual({
      scope: "a c",
      from: "resource_metadata",
      offlineAccess: false,
      offlineLeftOut: false,
      tooMany: false,
    });
  });

  test.each([
    nothing,
    { ...nothing, resource: [] },
    { ...nothing, challenge: '"', authorizationServer: ["offline_access"] },
    { ...nothing, resource: ["offline_access"] },
  ])("no scope by name if no one names one: %o", (known) => {
    expect(selectScope(known).scope).toBeNull();
  });

  // cloudflare/mcp#12: a request that names hundreds is refused, and the form takes no more than it says.
  test("no scope by name if more are named than fit into a request", () => {
    const resource = Array.from(
      { length: 100 },
      (_, nth) => `https://api.example/auth/scope-${nth}-of-many`,
    );
    expect(selectScope({ ...nothing, resource })).toMatchObject({ scope: null, tooMany: true });
    const few = resource.slice(0, 20);
    expect(selectScope({ ...nothing, resource: few })).toMatchObject({ tooMany: false });
  });

  test("offline_access if the authorization server lists it", () => {
    const authorizationServer = ["a", "offline_access"];
    expect(selectScope({ ...nothing, challenge: "a", authorizationServer })).toMatchObject({
      scope: "a offline_access",
      offlineAccess: true,
    });
  });

  test.each([null, [], ["a"]])(
    "no offline_access if the authorization server lists %j, whoever else names it",
    (authorizationServer) => {
      const resource = ["a", "offline_access"];
      expect(selectScope({ ...nothing, resource, authorizationServer }).scope).toBe("a");
      const challenge = "offline_access a";
      expect(selectScope({ ...nothing, challenge, authorizationServer }).scope).toBe("a");
    },
  );
});

describe("a 403 for missing scopes", () => {
  const known = { requested: "a b", granted: "a", challenged: "c", steppedUp: false };

  test("leads to one consent to all existing and missing scopes", () => {
    expect(decideStepUp(known)).toEqual({ should: true, scope: "a b c" });
    expect(decideStepUp({ ...known, requested: null })).toEqual({ should: true, scope: "a c" });
    expect(decideStepUp({ ...known, requested: null, granted: null })).toEqual({
      should: true,
      scope: "c",
    });
  });

  test("leads to none if the same call has already had one", () => {
    expect(decideStepUp({ ...known, steppedUp: true })).toEqual({
      should: false,
      reason: "tried_already",
    });
  });

  test.each(["a", "b a", "b"])("leads to none if %j was already requested", (challenged) => {
    expect(decideStepUp({ ...known, challenged })).toEqual({
      should: false,
      reason: "asked_already",
    });
  });

  test("leads to none if it names no scope", () => {
    expect(decideStepUp({ ...known, challenged: null })).toEqual({
      should: false,
      reason: "no_scope_named",
    });
  });

  test("always leads to a consent that includes the requested, granted and missing scopes", () => {
    const scope = fc
      .array(fc.constantFrom("a", "b", "c", "files:read", "offline_access"), { maxLength: 5 })
      .map((tokens) => (tokens.length === 0 ? null : tokens.join(" ")));
    fc.assert(
      fc.property(scope, scope, scope, (requested, granted, challenged) => {
        const decision = decideStepUp({ requested, granted, challenged, steppedUp: false });
        if (!decision.should) return;
        const tokens = parseScope(decision.scope);
        expect(new Set(tokens).size).toBe(tokens.length);
        for (const part of [requested, granted, challenged]) {
          expect(scopeIncludes(decision.scope, part)).toBe(true);
        }
        expect(scopeIncludes(scopeUnion(requested, granted, challenged), decision.scope)).toBe(
          true,
        );
      }),
    );
  });
});
