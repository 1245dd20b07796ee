import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dayOf, endOfDay, startOfDay } from "@/components/audit/days";

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

    it.each(["2026-03-08", "2026-04-05", "2026-09-27", "2026-11-01", "2026-12-31"])(
      "%s is shown as it was chosen, and lasts until the next one begins",
      (day) => {
        expect(dayOf(startOfDay(day))).toBe(day);
        expect(dayOf(endOfDay(day), -1)).toBe(day);
        expect(endOfDay(day)).toBe(startOfDay(dayOf(endOfDay(day))));
      },
    );

    it("that is not whole yet filters nothing", () => {
      expect(startOfDay("")).toBeUndefined();
      expect(dayOf(undefined)).toBe("");
    });
  },
);
