import { statusOf } from "./error-response";

/** Null where it is not there (404): a page then says so in its own words. */
export async function ifFound<Found>(looking: Promise<Found>): Promise<Found | null> {
  try {
    return await looking;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}
