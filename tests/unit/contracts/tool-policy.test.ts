import { describe, expect, it } from "vitest";
import {
  decideApproval,
  type ToolPolicy,
  type ToolStanding,
} from "@/lib/contracts/servers/tool-policy";

const policies: (ToolPolicy | null)[] = [null, "ASK", "ALWAYS", "NEVER"];
const standings: ToolStanding[] = ["accepted", "changed", "new"];

describe("a tool without a decision", () => {
  it("runs at once if it only reads, and otherwise asks", () => {
    const accepted = { policy: null, standing: "accepted" as const };
    expect(decideApproval({ ...accepted, readOnly: true }).action).toBe("run");
    expect(decideApproval({ ...accepted, readOnly: false })).toEqual({
      action: "ask",
      reason: "changes_data",
    });
  });
});

describe("an admin's word", () => {
  it("counts in both directions", () => {
    for (const readOnly of [true, false]) {
      const of = (policy: ToolPolicy) =>
        decideApproval({ policy, readOnly, standing: "accepted" }).action;
      expect([of("ASK"), of("ALWAYS"), of("NEVER")]).toEqual(["ask", "run", "refuse"]);
    }
  });

  it("never to run a tool applies whatever the tool turns into", () => {
    for (const standing of standings) {
      const refused = decideApproval({ policy: "NEVER", readOnly: true, standing });
      expect(refused.action).toBe("refuse");
    }
  });
});

describe("an unaccepted definition", () => {
  it("runs nothing unasked, whatever it claims and whatever was decided before", () => {
    for (const policy of policies.filter((each) => each !== "NEVER")) {
      for (const standing of ["changed", "new"] as const) {
        for (const readOnly of [true, false]) {
          expect(decideApproval({ policy, readOnly, standing })).toEqual({
            action: "ask",
            reason: standing,
          });
        }
      }
    }
  });
});
