import { describe, expect, it } from "vitest";
import { clientAddress } from "@/lib/session/client";

const from = (value: string) => clientAddress(new Headers({ "x-forwarded-for": value }));

describe("the address of a client", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["10.0.0.1, 192.0.2.7", "192.0.2.7"],
    ["192.0.2.7:4711", "192.0.2.7"],
    ["2001:db8::1", "2001:db8::1"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
  ])("is the last one in %j: %j", (header, address) => {
    expect(from(header)).toBe(address);
  });

  it.each(["", "unknown", "192.0.2.7, =cmd()", "<script>", "999.1.1.1"])(
    "is missing in %j",
    (header) => {
      expect(from(header)).toBeNull();
    },
  );

  it("is missing if there is no header", () => {
    expect(clientAddress(new Headers())).toBeNull();
  });
});
