import { randomUUID } from "node:crypto";
import type { ElicitationResponse } from "./elicitation";

/** A call that was sent over a connection, seen from a request that the server makes because of it. */
export type CallUnderWay = {
  readonly id: string;
  /** Null: nobody can be asked, or the caller has given up. */
  elicit: ((params: unknown) => Promise<ElicitationResponse>) | null;
};

/**
 * The calls of one connection, which several people may share. What a server asks for in the middle
 * of a call must reach the one who made it and nobody else.
 */
export class CallsUnderWay {
  readonly #calls = new Map<string, CallUnderWay>();

  begin(elicit: CallUnderWay["elicit"]): CallUnderWay {
    const call = { id: randomUUID(), elicit };
    this.#calls.set(call.id, call);
    return call;
  }

  /** The server has answered it. */
  answered({ id }: CallUnderWay): void {
    this.#calls.delete(id);
  }

  /** Nobody waits for it any more, but the server may still be at it, and ask. */
  givenUp(call: CallUnderWay): void {
    call.elicit = null;
  }

  of(id: unknown): CallUnderWay | null {
    return typeof id === "string" ? (this.#calls.get(id) ?? null) : null;
  }

  /**
   * Where one stream brings all that a server says (stdio, SSE), its requests do not tell which call
   * they belong to: that is known only while there is no more than one that it has not answered.
   */
  only(): CallUnderWay | null {
    const [call, ...others] = this.#calls.values();
    return call && others.length === 0 ? call : null;
  }
}
