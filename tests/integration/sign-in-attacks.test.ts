import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as passwordRoute } from "@/app/api/account/password/route";
import {
  passwordChangePerSession,
  signInPerAddress,
  signInPerAddressUnderAttack,
  signInPerClient,
  signInPerDevice,
} from "@/lib/session/rate-limit";
import { signInWithPassword } from "@/lib/session/sign-in";
import { deviceCookie } from "@/lib/session/sign-in-cookies";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, visitorFor } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let clock: Clock;
let owner: Visitor;
let rightPassword: string;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  owner = await usher.join("MEMBER");
  rightPassword = `password of ${owner.user.email}`;
});
afterEach(() => usher.close());

type Outcome = "in" | "wrong" | "limited";
type Cookies = Record<string, string>;

async function attempt(
  ipAddress: string | null,
  options: { password?: string; cookies?: Cookies; email?: string } = {},
): Promise<Outcome> {
  const { password = "guessed", cookies = {}, email = owner.user.email } = options;
  try {
    const user = await signInWithPassword(usher.app, { email, password, ipAddress, cookies });
    return user ? "in" : "wrong";
  } catch (error) {
    expect(error).toMatchObject({ code: "rate_limited" });
    return "limited";
  }
}
const right = (ipAddress: string | null, cookies: Cookies = {}) =>
  attempt(ipAddress, { password: rightPassword, cookies });

function deviceOf(visitor: Visitor): Cookies {
  const [pair = ""] = deviceCookie(usher.app.env, visitor.user.id, clock.now()).split(";");
  const at = pair.indexOf("=");
  return { [pair.slice(0, at)]: pair.slice(at + 1) };
}

/** One failure from each of this many networks, as a botnet sends them. */
async function strangersFail(count: number): Promise<void> {
  const tries = Array.from({ length: count }, (_, index) => `100.${index % 250}.${index >> 2}.1`);
  for (let from = 0; from < tries.length; from += 20) {
    await Promise.all(tries.slice(from, from + 20).map((address) => attempt(address)));
  }
}

const here = "203.0.113.7";

describe("while strangers fail 1,000 times from many networks", () => {
  it("no one is locked out: not a known browser, not a new one, not a change of password", async () => {
    const other = await usher.join("MEMBER", "Other Member");
    const device = deviceOf(owner);
    await strangersFail(1_000);
    // A browser that has signed in before, from any network.
    expect(await right("100.1.0.1", device)).toBe("in");
    expect(await right(here, device)).toBe("in");
    // Another browser of the owner: three tries instead of ten.
    for (let tries = 1; tries < signInPerAddressUnderAttack.limit; tries += 1) {
      expect(await attempt(here)).toBe("wrong");
    }
    expect(await right(here)).toBe("in");
    for (let tries = 0; tries < signInPerAddressUnderAttack.limit; tries += 1) {
      expect(await attempt("198.51.100.1")).toBe("wrong");
    }
    expect(await right("198.51.100.1")).toBe("limited");
    expect(await right(here)).toBe("in");
    // A signed-in person, even if their network is one of the attackers'.
    const response = await owner.visit(passwordRoute, {
      path: "/api/account/password",
      json: { currentPassword: rightPassword, newPassword: "another long password" },
      headers: { "x-forwarded-for": "100.1.0.1" },
    });
    expect(response.status).toBe(204);
    // Other people notice nothing.
    const { email } = other.user;
    for (let tries = 0; tries < 9; tries += 1) await attempt(here, { email });
    expect(await attempt(here, { email, password: `password of ${email}` })).toBe("in");
    clock.advance(15 * 60_000);
    const changed = { password: "another long password" };
    expect(await attempt("198.51.100.1", changed)).toBe("in");
    // A thousand passwords are hashed, which takes minutes on a busy machine.
  }, 600_000);
});

describe("from one network", () => {
  it("an address has ten tries, which neighbours share", async () => {
    const neighbours = ["203.0.113.1", "203.0.113.2", "203.0.113.250"];
    for (let tries = 0; tries < signInPerAddress.limit; tries += 1) {
      expect(await attempt(neighbours[tries % 3] ?? null)).toBe("wrong");
    }
    expect(await right(here)).toBe("limited");
    expect(await right("203.0.114.1")).toBe("in");
  });

  it("the billions of addresses of an IPv6 network count as one", async () => {
    for (let tries = 0; tries < signInPerAddress.limit; tries += 1) {
      expect(await attempt(`2001:db8:1:${tries}::${tries + 1}`)).toBe("wrong");
    }
    expect(await right("2001:db8:1:ffff::1")).toBe("limited");
    expect(await right("2001:db8:2::1")).toBe("in");
  });

  it("a client that tries every address is stopped, and a browser known to its account is not", async () => {
    const device = deviceOf(owner);
    for (let tries = 0; tries < signInPerClient.limit; tries += 1) {
      await attempt(here, { email: `guess-${tries}@example.com` });
    }
    expect(await attempt(here, { email: "one-more@example.com" })).toBe("limited");
    expect(await right(here)).toBe("limited");
    expect(await right(here, device)).toBe("in");
  });

  it("any number of people who know their password can sign in", async () => {
    for (let times = 0; times < signInPerClient.limit + 5; times += 1) {
      expect(await right(here)).toBe("in");
    }
  });
});

describe("a device cookie", () => {
  const exhaustDevice = async (cookies: Cookies, from = "198.51.100.1") => {
    for (let tries = 0; tries < signInPerDevice.limit; tries += 1) {
      expect(await attempt(from, { cookies })).toBe("wrong");
    }
  };

  it("of another account, a forged one and an old one are not valid", async () => {
    const other = await usher.join("MEMBER", "Other Member");
    const [name = ""] = Object.keys(deviceOf(owner));
    const [theirs = ""] = Object.values(deviceOf(other));
    const old = deviceOf(owner);
    const [mine = ""] = Object.values(old);
    const forged = [
      { [name]: theirs },
      // Not the last character: some of its bits have no meaning.
      { [name]: `${mine.slice(0, -4)}${mine.at(-4) === "A" ? "B" : "A"}${mine.slice(-3)}` },
      { [name]: mine.replace(/^[^.]*/, "chosen-by-me") },
      { [name]: mine.replace(/\.\d+\./, ".99999999999.") },
      { [name]: `${mine}.x` },
      { [name]: "" },
      deviceOf(other),
    ];
    await exhaustNetwork();
    for (const cookies of forged) expect(await right(here, cookies)).toBe("limited");
    expect(await right(here, old)).toBe("in");
    clock.advance(401 * 24 * 60 * 60_000);
    await exhaustNetwork();
    expect(await right(here, old)).toBe("limited");
  });

  const exhaustNetwork = async () => {
    for (let tries = 0; tries < signInPerAddress.limit; tries += 1) {
      expect(await attempt(here)).toBe("wrong");
    }
  };

  it("that was stolen gives ten more tries, and its owner loses nothing else", async () => {
    const device = deviceOf(owner);
    await exhaustDevice(device);
    // From here on the thief is like any other: ten tries from the network, then none.
    for (let tries = 0; tries < signInPerAddress.limit; tries += 1) {
      expect(await attempt("198.51.100.1", { cookies: device })).toBe("wrong");
    }
    expect(await right("198.51.100.1", device)).toBe("limited");
    expect(await right(here, device)).toBe("in");
    expect(await right("198.51.100.1", deviceOf(owner))).toBe("in");
  });

  it("opens nothing by itself", async () => {
    expect(await attempt(here, { cookies: deviceOf(owner) })).toBe("wrong");
  });
});

describe("a change of password", () => {
  const change = (visitor: Visitor, currentPassword: string) =>
    visitor.visit(passwordRoute, {
      path: "/api/account/password",
      json: { currentPassword, newPassword: "another long password" },
    });

  it("allows a session ten guesses, and another session of the same person continues", async () => {
    const thief = await visitorFor(usher.app, owner.user);
    for (let tries = 0; tries < passwordChangePerSession.limit; tries += 1) {
      expect((await change(thief, "guessed")).status).toBe(400);
    }
    expect((await change(thief, rightPassword)).status).toBe(429);
    expect((await change(owner, rightPassword)).status).toBe(204);
  });
});
