import { readFile } from "node:fs/promises";
import type { Adapter, AdapterPayload } from "oidc-provider";
import { writeFileAtomically } from "@/demo/atomic-write";

interface StoredEntry {
  readonly model: string;
  readonly id: string;
  readonly payload: AdapterPayload;
  /** Seconds since the epoch; null: never. */
  readonly expiresAt: number | null;
}

/** A browser in the middle of a consent simply starts again. */
const NOT_KEPT_ON_DISK = new Set(["Session", "Interaction", "ReplayDetection"]);
/** Expired entries are removed once per this many writes. */
const PURGE_EVERY = 1_000;

/**
 * What the practice provider stores: grants, codes and tokens. With a file it outlives the
 * process; a token is on disk before the response that carries it is sent.
 */
export class GrantStore {
  readonly #file: string | null;
  readonly #reuseGraceSeconds: number;
  readonly #entries = new Map<string, StoredEntry>();
  readonly #keysByGrant = new Map<string, Set<string>>();
  #writes = 0;
  #changed = false;
  #writing: Promise<void> | null = null;

  private constructor(options: GrantStoreOptions) {
    this.#file = options.file;
    this.#reuseGraceSeconds = options.reuseGraceSeconds;
  }

  static async open(options: GrantStoreOptions): Promise<GrantStore> {
    const store = new GrantStore(options);
    if (options.file !== null) {
      for (const entry of await readEntries(options.file)) store.#put(entry);
      store.#purge();
    }
    return store;
  }

  /** The storage of one model, in the shape that oidc-provider expects. */
  adapter(model: string): Adapter {
    const key = (id: string) => `${model}:${id}`;
    return {
      upsert: async (id, payload, expiresIn) => {
        this.#put({ model, id, payload, expiresAt: expiresIn ? seconds() + expiresIn : null });
        await this.#save(model);
      },
      find: async (id) => this.#find(key(id)),
      findByUid: async (uid) => this.#findBy(model, (payload) => payload.uid === uid),
      findByUserCode: async (code) => this.#findBy(model, (payload) => payload.userCode === code),
      consume: async (id) => {
        this.#consume(key(id));
        await this.#save(model);
      },
      destroy: async (id) => {
        this.#delete(key(id));
        await this.#save(model);
      },
      revokeByGrantId: async (grantId) => {
        this.#deleteGrant(grantId);
        await this.#save(model);
      },
    };
  }

  /** Forgets every grant of this account with its codes and tokens. @returns how many grants */
  async revokeGrantsOf(accountId: string): Promise<number> {
    const grants = this.#of("Grant", accountId);
    for (const grant of grants) this.#deleteGrant(grant.id);
    await this.#save("Grant");
    return grants.length;
  }

  /** Forgets the access tokens of this account; its refresh tokens still work. @returns how many */
  async dropAccessTokensOf(accountId: string): Promise<number> {
    const tokens = this.#of("AccessToken", accountId);
    for (const token of tokens) this.#delete(`AccessToken:${token.id}`);
    await this.#save("AccessToken");
    return tokens.length;
  }

  /** Forgets everything of one model. @returns how many */
  async forget(model: string): Promise<number> {
    const entries = [...this.#entries.values()].filter((entry) => entry.model === model);
    for (const { id } of entries) this.#delete(`${model}:${id}`);
    await this.#save(model);
    return entries.length;
  }

  countGrantsOf(accountId: string): number {
    return this.#of("Grant", accountId).length;
  }

  /** Resolves once everything is on disk. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #of(model: string, accountId: string): StoredEntry[] {
    return [...this.#entries.values()].filter(
      (entry) => entry.model === model && entry.payload.accountId === accountId,
    );
  }

  #find(key: string): AdapterPayload | undefined {
    const payload = this.#entries.get(key)?.payload;
    if (!payload?.consumed || !this.#withinGrace(payload)) return payload;
    return { ...payload, consumed: undefined };
  }

  #findBy(model: string, wanted: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const entry of this.#entries.values()) {
      if (entry.model === model && wanted(entry.payload)) return entry.payload;
    }
    return undefined;
  }

  // Lookups here never wait, so no other request comes between oidc-provider's check of `consumed`
  // and this: of many concurrent refreshes, one gets through and the next one is a reuse.
  #consume(key: string): void {
    const payload = this.#entries.get(key)?.payload;
    if (payload) payload.consumed ??= seconds();
  }

  #withinGrace(payload: AdapterPayload): boolean {
    return (
      payload.kind === "RefreshToken" &&
      seconds() - Number(payload.consumed) < this.#reuseGraceSeconds
    );
  }

  #put(entry: StoredEntry): void {
    const key = `${entry.model}:${entry.id}`;
    this.#delete(key);
    this.#entries.set(key, entry);
    const { grantId } = entry.payload;
    if (grantId) {
      const keys = this.#keysByGrant.get(grantId) ?? new Set();
      this.#keysByGrant.set(grantId, keys.add(key));
    }
    this.#writes += 1;
    if (this.#writes % PURGE_EVERY === 0) this.#purge();
  }

  #delete(key: string): void {
    const grantId = this.#entries.get(key)?.payload.grantId;
    this.#entries.delete(key);
    if (!grantId) return;
    const keys = this.#keysByGrant.get(grantId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysByGrant.delete(grantId);
  }

  #deleteGrant(grantId: string): void {
    for (const key of [...(this.#keysByGrant.get(grantId) ?? [])]) this.#delete(key);
    this.#delete(`Grant:${grantId}`);
  }

  #purge(): void {
    const now = seconds();
    for (const [key, entry] of this.#entries) {
      if (entry.expiresAt !== null && entry.expiresAt < now) this.#delete(key);
    }
  }

  // Changes that arrive during a write share the next one.
  #save(model: string): Promise<void> | undefined {
    const file = this.#file;
    if (file === null || NOT_KEPT_ON_DISK.has(model)) return;
    this.#changed = true;
    this.#writing ??= this.#writeUntilUnchanged(file).finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeUntilUnchanged(file: string): Promise<void> {
    while (this.#changed) {
      this.#changed = false;
      const kept = [...this.#entries.values()].filter(
        (entry) => !NOT_KEPT_ON_DISK.has(entry.model),
      );
      await writeFileAtomically(file, JSON.stringify(kept));
    }
  }
}

export interface GrantStoreOptions {
  /** Null: memory only. */
  file: string | null;
  /** For this long after its first use a refresh token still works; 0: reuse ends the grant at once. */
  reuseGraceSeconds: number;
}

async function readEntries(file: string): Promise<StoredEntry[]> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as StoredEntry[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Error(`The practice provider cannot read its grants in ${file}.`, { cause: error });
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}
