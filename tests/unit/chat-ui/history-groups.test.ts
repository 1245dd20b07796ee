import { expect, it } from "vitest";
import { groupByDay } from "@/components/chat/history/history";

const now = new Date(2026, 10, 23, 0, 30);

function at(...when: [number, number, number, number?, number?]) {
  const updatedAt = new Date(...when).toISOString();
  return { id: updatedAt, title: "x", assistantId: null, assistantName: null, updatedAt };
}

it("groups conversations by the day of their last change, as a person counts days", () => {
  const groups = groupByDay(
    [
      at(2026, 10, 23, 0, 29),
      at(2026, 10, 22, 23, 59),
      at(2026, 10, 22, 0, 1),
      at(2026, 10, 20, 12),
      at(2026, 10, 2, 12),
      at(2025, 11, 31, 12),
    ],
    now,
  );
  expect(groups.map(({ title, conversations }) => [title, conversations.length])).toEqual([
    ["Today", 1],
    ["Yesterday", 2],
    ["Friday", 1],
    ["November 2", 1],
    ["December 31, 2025", 1],
  ]);
});

it("treats a time in the future as today", () => {
  expect(groupByDay([at(2026, 10, 24)], now).map(({ title }) => title)).toEqual(["Today"]);
});
