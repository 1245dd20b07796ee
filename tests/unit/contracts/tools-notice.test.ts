import { expect, it } from "vitest";
import { decideToolsNotice } from "@/lib/contracts/notices/tools-notice";

it("asks for a review while a tool waits for one, unless its server is switched off", () => {
  const decided = (toolsToReview: number, serverSwitchedOff = false) =>
    decideToolsNotice({ toolsToReview, serverSwitchedOff });
  expect(decided(2)).toEqual({ should: true, reason: "open" });
  expect(decided(0)).toEqual({ should: false, reason: "reviewed" });
  expect(decided(2, true)).toEqual({ should: false, reason: "server_switched_off" });
});
