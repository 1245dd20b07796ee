import type { SignInFailure } from "@/lib/contracts/sign-in";

/** Nobody was signed in or linked. `reason` tells the sign-in page which of its texts fits. */
export class OidcFailure extends Error {
  readonly reason: SignInFailure;

  constructor(reason: SignInFailure, options?: { cause?: unknown }) {
    super(`sign-in by OpenID Connect: ${reason}`, options);
    this.name = "OidcFailure";
    this.reason = reason;
  }
}
