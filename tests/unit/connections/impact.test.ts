import { describe, expect, it } from "vitest";
import { impactOf } from "@/components/connections/console/impact";
import type { ConsoleConnection } from "@/lib/contracts/connections/connection-console";

const person = (name: string) => ({ id: name, name, email: `${name}@x.example`, disabled: false });
const row = (more: Partial<ConsoleConnection>): ConsoleConnection => ({
  ...{ id: "1", serverId: "files", serverName: "Files", person: person("Ada"), isKey: false },
  managedByOrganization: false,
  ...{ authorizedBy: null, accountName: null, lastUsedAt: null, lastError: null },
  since: "2026-01-01T00:00:00.000Z",
  standing: {
    ...{ status: "connected", since: null, expiresAt: null, nextTryAt: null, reason: null },
    ...{ renewal: "not_needed", nextStep: null, changesInMs: null },
  },
  ...more,
});

describe("the effect of revoking", () => {
  it("names the person and the server if there is one of each", () => {
    expect(impactOf([row({})])).toEqual({
      title: "Revoke Ada, Files?",
      lines: [
        "Ada loses access to Files.",
        "Tokens are deleted here, and the provider is asked to revoke them.",
        "People can connect again at any time.",
      ],
    });
  });

  it("counts people and servers once, and mentions shared accounts and keys", () => {
    const { title, lines } = impactOf([
      ...["Ada", "Bob", "Cy", "Dee"].map((name) => row({ id: name, person: person(name) })),
      row({ serverId: "notes", serverName: "Notes", isKey: true }),
      row({ serverId: "wiki", serverName: "Wiki", person: null }),
    ]);
    expect(title).toBe("Revoke 6 connections?");
    expect(lines).toEqual([
      "4 people (Ada, Bob, Cy and 1 other) lose access to 2 MCP servers (Files and Notes).",
      "Nobody can use the shared account of Wiki until an admin authorizes it.",
      "Tokens are deleted here, and the provider is asked to revoke them.",
      "1 key is deleted here, and stays valid at the provider.",
      "People can connect again at any time.",
    ]);
  });

  it("says that access from the organization continues, and who can end it", () => {
    expect(impactOf([row({ managedByOrganization: true })]).lines).toEqual([
      "Tokens are deleted here, and the provider is asked to revoke them.",
      "Access from your organization goes on: the next call by Ada to Files gets a new token.",
      "To end somebody’s access, remove them at the identity provider, or take away their access to the server.",
    ]);
  });

  it("distinguishes them if several are revoked", () => {
    const bob = row({ id: "2", person: person("Bob"), managedByOrganization: true });
    const { lines } = impactOf([row({}), bob]);
    expect(lines).toContain("Ada loses access to Files.");
    expect(lines).toContain("People can connect again at any time.");
    expect(lines.join(" ")).toContain("the next call by Bob to Files gets a new token");
  });

  it("does not mention tokens for a key only", () => {
    expect(impactOf([row({ isKey: true })]).lines.join(" ")).not.toContain("Tokens");
  });
});
