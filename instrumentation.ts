/** Next calls this once, before the first request. */
export async function register(): Promise<void> {
  // A constant of the build, by which Next leaves all of it out of its edge bundle.
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { start } = await import("./instrumentation-node");
    await start();
  }
}
