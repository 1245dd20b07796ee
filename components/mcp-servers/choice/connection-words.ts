import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";

/** How a vendor's server is connected, in two words. */
export const connectionWords: Record<VendorServer["registration"], string> = {
  DYNAMIC: "Automatic OAuth",
  METADATA_DOCUMENT: "Automatic OAuth",
  PRE_REGISTERED: "OAuth app",
  KEY: "API key",
  NONE: "No sign-in",
};
