import { afterAll, beforeAll, expect } from "vitest";
import { accessToken } from "@/lib/tokens/access-token";
import { Clock } from "./clock";
import { closedAfterEach } from "./closed-after-each";
import { type Installation, startInstallation } from "./installation";
import { type OddProvider, startOddProvider } from "./odd-provider";
import { addByUrl, authorizeUnasked } from "./paste-url";
import type { Visitor } from "./visitor";

/** An installation for the tests of one file, and providers that end with each test. */
export class OddProviderStage {
  readonly clock = new Clock();
  readonly #closing = closedAfterEach();
  #usher: Installation | null = null;
  #admin: Visitor | null = null;

  constructor() {
    beforeAll(async () => {
      this.#usher = await startInstallation({ now: this.clock.now });
    });
    afterAll(() => this.#usher?.close());
  }

  get usher(): Installation {
    if (!this.#usher) throw new Error("The installation runs during tests only.");
    return this.#usher;
  }

  /** Of the last provider. */
  get admin(): Visitor {
    if (!this.#admin) throw new Error("No provider was started.");
    return this.#admin;
  }

  /** With a new admin each time: one person may authorize at most 60 times in ten minutes. */
  async odd(replace?: Parameters<typeof startOddProvider>[0]): Promise<OddProvider> {
    this.#admin = await this.usher.join("ADMIN");
    const provider = await startOddProvider(replace);
    this.#closing.push(() => provider.close());
    return provider;
  }

  /** @returns the id of the server with its account */
  async connected(provider: OddProvider): Promise<string> {
    const serverId = await addByUrl(this.admin, provider.url);
    expect(await authorizeUnasked(this.admin, serverId)).toContain("authorized=1");
    await this.usher.settle();
    return serverId;
  }

  /** Whether a call would have a token, or the error's code. */
  outcome(serverId: string): Promise<string> {
    return accessToken(this.usher.app, { serverId, ownerKey: "shared" }).then(
      () => "works",
      (error: { code: string }) => error.code,
    );
  }
}
