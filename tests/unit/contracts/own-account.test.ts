import { describe, expect, it } from "vitest";
import { accountsOfSameName } from "@/lib/contracts/connections/own-account";

describe("accounts with the name of an older one", () => {
  const named = (...names: [string, string | null][]) => [
    ...accountsOfSameName(names.map(([account, accountName]) => ({ account, accountName }))),
  ];

  it("are found whatever the case and the spaces around it", () => {
    expect(
      named(["first", "ada@example.com"], ["0123456789ab", " Ada@Example.com "], ["b", "grace"]),
    ).toEqual(["0123456789ab"]);
  });

  it("are all but the oldest", () => {
    expect(named(["first", "ada"], ["b", "ada"], ["c", "ada"])).toEqual(["b", "c"]);
  });

  it("are not those that the provider does not name", () => {
    expect(named(["first", null], ["b", null])).toEqual([]);
  });

  it("are not the team's, which may well be the account of one of its people", () => {
    expect(named(["first", "ada"], ["team", "ada"])).toEqual([]);
    expect(named(["team", "ada"], ["b", "ada"])).toEqual([]);
  });
});
