/**
 * Loads oidc-provider without the notice it prints on Node 20: the parts used here are tested on
 * Node 20, and a notice in the middle of the demo's output looks like a failure.
 */
export async function loadOidcProvider() {
  const warn = console.warn;
  console.warn = () => {};
  try {
    return await import("oidc-provider");
  } finally {
    console.warn = warn;
  }
}

export type OidcProviderModule = Awaited<ReturnType<typeof loadOidcProvider>>;
