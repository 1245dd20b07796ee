import { describe, expect, it } from "vitest";
import { readGroups, roleAfterSignIn } from "@/lib/session/oidc/groups";

describe("a groups claim", () => {
  const long = "x".repeat(201);
  it.each<[string, unknown, string[]]>([
    ["a text", "sales", ["sales"]],
    ["a list of texts", ["sales", " support ", "sales"], ["sales", "support"]],
    ["a list of objects", [{ name: "sales", id: 7 }, { name: "support" }], ["sales", "support"]],
    ["odd parts", ["sales", 7, null, "", [], {}, { name: 3 }, long], ["sales"]],
    ["nothing", undefined, []],
    ["a number", 7, []],
    ["an object", { sales: true }, []],
  ])("that is %s is read as far as it is understood", (_, claim, groups) => {
    expect(readGroups(claim)).toEqual(groups);
  });

  it("is read up to its 500th entry", () => {
    expect(readGroups(Array.from({ length: 9_000 }, (_, n) => `group ${n}`))).toHaveLength(500);
  });
});

describe("the role after a sign-in", () => {
  const none = { role: null };
  const admins = { role: "ADMIN" } as const;
  const auditors = { role: "AUDITOR" } as const;

  type Held = Parameters<typeof roleAfterSignIn>[0];
  const byClaim = (role: Held["role"]): Held => ({ role, roleByClaim: true });
  const byHand = (role: Held["role"]): Held => ({ role, roleByClaim: false });

  it("comes from a group in the claim, an admin's before an auditor's", () => {
    expect(roleAfterSignIn(byHand("MEMBER"), [none, auditors])).toEqual(byClaim("AUDITOR"));
    expect(roleAfterSignIn(byHand("MEMBER"), [auditors, admins])).toEqual(byClaim("ADMIN"));
    expect(roleAfterSignIn(byClaim("AUDITOR"), [admins])).toEqual(byClaim("ADMIN"));
    expect(roleAfterSignIn(byClaim("ADMIN"), [auditors])).toEqual(byClaim("AUDITOR"));
  });

  it("falls back to member when the claim no longer contains the group", () => {
    expect(roleAfterSignIn(byClaim("ADMIN"), [])).toEqual(byHand("MEMBER"));
    expect(roleAfterSignIn(byClaim("AUDITOR"), [none])).toEqual(byHand("MEMBER"));
  });

  it("stays if it was assigned by hand", () => {
    for (const held of [byHand("ADMIN"), byHand("AUDITOR"), byHand("MEMBER")]) {
      expect(roleAfterSignIn(held, [none])).toEqual(held);
    }
    expect(roleAfterSignIn(byHand("ADMIN"), [auditors])).toEqual(byHand("ADMIN"));
    expect(roleAfterSignIn(byHand("AUDITOR"), [auditors])).toEqual(byHand("AUDITOR"));
  });
});
