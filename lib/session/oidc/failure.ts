import type { SignInFailure } from "@/lib/contracts/people/sign-in";
import { UsherError } from "@/lib/errors";

/** Nobody was signed in or linked. `reason` tells the sign-in page which of its texts fits. */
export class OidcFailure extends UsherError {
  static override readonly kind = "OidcFailure";
  readonly code = "oidc_failure";
  readonly reason: SignInFailure;

  constructor(reason: SignInFailure, options?: { cause?: unknown }) {
    super("The sign-in by the identity provider came to nothing. Try again.", {
      ...options,
      message: `sign-in by OpenID Connect: ${reason}`,
    });
    this.reason = reason;
  }
}
