import { expect, it } from "vitest";
import { createWorkUnderWay } from "@/lib/work-under-way";

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

it("announces work to the platform, which sees its end and never its failure", async () => {
  const told: Promise<void>[] = [];
  const underWay = createWorkUnderWay((work) => void told.push(work));
  const failing = deferred<string>();
  const kept = underWay.keep(failing.promise);
  failing.reject(new Error("the caller sees this"));
  await expect(kept).rejects.toThrow("the caller sees this");
  await expect(told[0]).resolves.toBeUndefined();
});

it("is settled only after work that starts during the wait", async () => {
  const underWay = createWorkUnderWay(() => {});
  const first = deferred<void>();
  const second = deferred<void>();
  void underWay.keep(first.promise.then(() => void underWay.keep(second.promise)));
  let settled = false;
  const waiting = underWay.settled().then(() => {
    settled = true;
  });
  first.resolve();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(settled).toBe(false);
  second.resolve();
  await waiting;
});

it("keeps a timer's work, about which no platform wants to know", async () => {
  const underWay = createWorkUnderWay(() => {
    throw new Error("`after` was called outside a request scope");
  });
  expect(await underWay.keep(Promise.resolve(7))).toBe(7);
  await underWay.settled();
});
