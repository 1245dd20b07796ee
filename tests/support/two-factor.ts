import { POST as beginRoute, PUT as confirmRoute } from "@/app/api/account/two-factor/route";
import { POST as codeRoute } from "@/app/api/auth/two-factor/route";
import { authOptions, type SignInResult } from "@/lib/session/auth-options";
import { codeAt } from "./authenticator";
import type { Clock } from "./clock";
import type { Installation } from "./installation";
import { Visitor } from "./visitor";

const path = "/api/account/two-factor";

export interface TwoFactor {
  secret: string;
  recoveryCodes: string[];
}

/** Turns it on as a person's browser does. The code that confirmed it is used up. */
export async function turnOnTwoFactor(person: Visitor, clock: Clock): Promise<TwoFactor> {
  const begun = await person.visit(beginRoute, {
    path,
    json: { password: `password of ${person.user.email}` },
  });
  const { secret } = (await begun.json()) as { secret: string };
  const json = { code: codeAt(secret, clock.now()) };
  const confirmed = await person.visit(confirmRoute, { path, method: "PUT", json });
  if (confirmed.status !== 200) throw new Error(await confirmed.text());
  const { recoveryCodes } = (await confirmed.json()) as { recoveryCodes: string[] };
  clock.advance(30_000);
  return { secret, recoveryCodes };
}

export type PasswordOutcome = "signed in" | "code required" | "refused" | "rate limited";

/** The sign-in page in one browser: next-auth's handling of a password, and the route for the code. */
export class SignInPage {
  readonly #usher: Installation;
  readonly browser: Visitor;
  /** Null: unknown. */
  readonly ipAddress: string | null;

  constructor(usher: Installation, person: Visitor, ipAddress: string | null = null) {
    this.#usher = usher;
    this.browser = new Visitor(person.user, {});
    this.ipAddress = ipAddress;
  }

  async enterPassword(
    password = `password of ${this.browser.user.email}`,
  ): Promise<PasswordOutcome> {
    const { ipAddress } = this;
    const cookies = Object.fromEntries(this.browser.cookies);
    const result: SignInResult = { cookies: [], signOutFailure: null };
    const client = { ipAddress, userAgent: "", cookies };
    const [provider] = authOptions(this.#usher.app, client, result).providers;
    const { authorize } = (provider as unknown as { options: Options }).options;
    try {
      const { email } = this.browser.user;
      const user = await authorize({ email, password });
      return user === null ? "refused" : "signed in";
    } catch (error) {
      const { message } = error as Error;
      if (message === "RateLimited") return "rate limited";
      if (message !== "CodeRequired") throw error;
      return "code required";
    } finally {
      for (const cookie of result.cookies) this.#keep(cookie);
    }
  }

  enterCode(code: string): Promise<Response> {
    return this.browser.visit(codeRoute, {
      path: "/api/auth/two-factor",
      json: { code },
      headers: this.ipAddress === null ? {} : { "x-forwarded-for": this.ipAddress },
    });
  }

  #keep(cookie: string): void {
    const [pair = ""] = cookie.split(";");
    const at = pair.indexOf("=");
    this.browser.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

interface Options {
  authorize(credentials: { email: string; password: string }): Promise<object | null>;
}
