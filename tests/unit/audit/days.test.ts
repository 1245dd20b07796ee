import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endOfDay, startOfDay } from "@/components/audit/use-audit-view";

const before = process.env.TZ;

describe.each(["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])(
  "a day in %s",
  (zone) => {
    beforeAll(() => {
      process.env.TZ = zone;
    });
    afterAll(() => {
      process.env.TZ = before;
    });

    it.each([
      ["2026-03-08", "2026-03-09"],
      ["2026-04-05", "2026-04-06"],
      ["2026-09-27", "2026-09-28"],
      ["2026-11-01", "2026-11-02"],
      ["2026-12-31", "2027-01-01"],
    ])("%s begins at midnight, and lasts until the next one begins", (day, next) => {
      expect(new Date(startOfDay(day) ?? "").toString()).toContain("00:00:00");
      expect(endOfDay(day)).toBe(startOfDay(next));
    });

    it.each([
      "",
      "soon",
      "0002-01-01",
      "2026-13-01",
      "12026-01-01",
      "2026-1-1",
      "2026-01-01T10:00",
    ])("%j is not a day and filters nothing", (day) => {
      expect(startOfDay(day)).toBeUndefined();
      expect(endOfDay(day)).toBeUndefined();
    });
  },
);
