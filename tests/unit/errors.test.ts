import { expect, it, vi } from "vitest";
import * as errors from "@/lib/errors";

it("recognizes an error created by another copy of the module, as in Next's bundles", async () => {
  vi.resetModules();
  const copy: typeof errors = await import("@/lib/errors");
  expect(copy.RateLimitedError).not.toBe(errors.RateLimitedError);
  const error = new copy.RateLimitedError("Slow down.", { retryAfterMs: 1000 });

  expect(error instanceof errors.RateLimitedError).toBe(true);
  expect(error instanceof errors.TryLaterError).toBe(true);
  expect(error instanceof errors.UsherError).toBe(true);
  expect(error instanceof errors.NotFoundError).toBe(false);
  expect(
    new copy.TryLaterError("Later.", { retryAfterMs: 1 }) instanceof errors.RateLimitedError,
  ).toBe(false);
});

it("recognizes nothing else as one of its own", () => {
  for (const value of [null, undefined, "RateLimitedError", {}, new Error("no")]) {
    expect(value instanceof errors.UsherError).toBe(false);
  }
});

it("gives an error its name, and serializes nothing more", () => {
  const error = new errors.NotFoundError("Gone.");
  expect(error.name).toBe("NotFoundError");
  expect(Object.keys(error).sort()).toEqual(["code", "name", "userMessage"]);
});
