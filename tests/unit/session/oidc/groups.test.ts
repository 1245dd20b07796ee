import { describe, expect, it } from "vitest";
import { readGroups, roleAfterSignIn } from "@/lib/session/oidc/groups";

describe("a claim of groups", () => {
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

  it("is read to its 500th entry", () => {
    expect(readGroups(Array.from({ length: 9_000 }, (_, n) => `group ${n}`))).toHaveLength(500);
  });
});

describe("the role after a sign-in", () => {
  const none = { role: null };
  const admins = { role: "ADMIN" } as const;
  const auditors = { role: "AUDITOR" } as const;

  it("is that of a group of the claim, an admin's before an auditor's", () => {
    expect(roleAfterSignIn("MEMBER", [], [none, auditors])).toBe("AUDITOR");
    expect(roleAfterSignIn("MEMBER", [], [auditors, admins])).toBe("ADMIN");
    expect(roleAfterSignIn("AUDITOR", [auditors], [admins])).toBe("ADMIN");
    expect(roleAfterSignIn("ADMIN", [admins], [auditors])).toBe("AUDITOR");
  });

  it("is a member's again when the claim gives what it gave no more", () => {
    expect(roleAfterSignIn("ADMIN", [admins], [])).toBe("MEMBER");
    expect(roleAfterSignIn("AUDITOR", [auditors], [none])).toBe("MEMBER");
  });

  it("stays where it was given by hand", () => {
    expect(roleAfterSignIn("ADMIN", [], [])).toBe("ADMIN");
    expect(roleAfterSignIn("ADMIN", [], [auditors])).toBe("ADMIN");
    expect(roleAfterSignIn("AUDITOR", [admins], [])).toBe("AUDITOR");
    expect(roleAfterSignIn("MEMBER", [none], [])).toBe("MEMBER");
  });
});
