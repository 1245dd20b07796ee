import { expect, it } from "vitest";
import { networkOf } from "@/lib/session/client";

const network = (address: string | null) => networkOf(address, { v4: 24, v6: 48 });

it.each([
  ["203.0.113.7", "203.0.113/24"],
  ["::ffff:203.0.113.7", "203.0.113/24"],
  ["2001:db8:1:2::3", "20010db80001/48"],
  ["2001:DB8:1::", "20010db80001/48"],
  ["2001:db8:1:ffff:ffff:ffff:ffff:ffff", "20010db80001/48"],
  ["2001:db8::1", "20010db80000/48"],
  ["::1", "000000000000/48"],
  ["fe80::1%eth0", "fe8000000000/48"],
  ["64:ff9b::203.0.113.7", "0064ff9b0000/48"],
  ["not an address", "unknown"],
  [null, "unknown"],
])("%s is in %s", (address, expected) => {
  expect(network(address)).toBe(expected);
});

it("a network has the requested number of bits", () => {
  expect(networkOf("203.0.113.7", { v4: 32, v6: 56 })).toBe("203.0.113.7/32");
  expect(networkOf("2001:db8:1:abcd::3", { v4: 32, v6: 56 })).toBe("20010db80001ab/56");
});
