import { config } from "zod/v4/core";

/**
 * Runs in the browser before any page's code. zod would try whether it may compile its checks, by
 * `new Function`: the content security policy refuses it, and the browser reports a violation.
 * @see https://nextjs.org/docs/app/api-reference/file-conventions/instrumentation-client
 */
config({ jitless: true });
