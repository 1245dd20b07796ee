import type { OidcProvider } from "./provider";

/** What others know of it. */
export type IdentityProvider = Pick<OidcProvider, keyof OidcProvider>;

/**
 * The identity provider, whose code and libraries are loaded with the first sign-in and not at the start.
 * @param args as of the provider's constructor
 */
export function createIdentityProvider(
  ...args: ConstructorParameters<typeof OidcProvider>
): IdentityProvider {
  let loading: Promise<OidcProvider> | null = null;
  const provider = () => {
    loading ??= import("./provider").then((loaded) => new loaded.OidcProvider(...args));
    return loading;
  };
  return {
    begin: async (...flow) => (await provider()).begin(...flow),
    identify: async (...callback) => (await provider()).identify(...callback),
    client: async () => (await provider()).client(),
    support: async () => (await provider()).support(),
    verify: async (...idToken) => (await provider()).verify(...idToken),
    outbound: async (...request) => (await provider()).outbound(...request),
  };
}
