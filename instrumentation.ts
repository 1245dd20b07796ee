import type { Instrumentation } from "next";

/** Next calls this once, before the first request. */
export async function register(): Promise<void> {
  // A constant of the build, by which Next leaves all of it out of its edge bundle.
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { start } = await import("./instrumentation-node");
    await start();
  }
}

/** Next calls this for what a page throws; its digest is the reference that the error page shows. */
export const onRequestError: Instrumentation.onRequestError = async (error, { method }, where) => {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { tellOfPageError } = await import("./instrumentation-node");
    tellOfPageError(error, { method, route: where.routePath });
  }
};
