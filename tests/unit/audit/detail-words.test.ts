import { describe, expect, it } from "vitest";
import { detailWords } from "@/components/audit/audit-table";
import type { AuditEventView } from "@/lib/contracts/audit";

const event = (more: Partial<AuditEventView>): AuditEventView => ({
  id: "1",
  at: "2026-01-01T00:00:00.000Z",
  action: "tool.call",
  actorId: "ann",
  actorEmail: "ann@example.com",
  serverId: null,
  serverName: null,
  ownerKey: null,
  ipAddress: null,
  details: {},
  ...more,
});

describe("the details of an audit event", () => {
  it("show for a tool call who it acted as, how it ended and how long it took, without ids", () => {
    const details = {
      tool: "list_files",
      outcome: "authorization_required",
      actingAs: "shared account",
      durationMs: 33,
      assistantId: "a",
      conversationId: "c",
    };
    expect(detailWords(event({ ownerKey: "shared", details })).join(" · ")).toBe(
      "tool: list_files · outcome: authorization required · acting as: shared account · took: 33 ms",
    );
  });

  it("show whose account it was about, and omit what is not known", () => {
    const details = { scope: "files:read", refreshable: true, issuer: null, note: "" };
    const words = "scope: files:read · refreshable: yes";
    const of = (ownerKey: string) =>
      detailWords(event({ action: "x", ownerKey, details })).join(" · ");
    expect(of("shared")).toBe(`account: shared · ${words}`);
    expect(of("ann")).toBe(`account: own · ${words}`);
    expect(of("mia")).toBe(`account: mia · ${words}`);
  });
});
