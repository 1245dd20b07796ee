/**
 * Runs in the browser before any page's code. zod would try whether it may compile its checks, by
 * `new Function`: the content security policy refuses it, and the browser reports a violation. This is
 * where zod keeps `z.config({ jitless: true })`; to call that would bring zod itself to every page.
 * @see https://nextjs.org/docs/app/api-reference/file-conventions/instrumentation-client
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
