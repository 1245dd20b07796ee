import { once } from "node:events";
import type { RequestListener } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { InvalidInputError, OutboundRefusedError, UnreachableError } from "@/lib/errors";
import {
  createOutboundAgent,
  createOutboundFetch,
  type OutboundAgent,
  type OutboundLimits,
} from "@/lib/net/fetch";
import { type LocalHttpServer, readBody, startHttpServer } from "@/tests/support/local-http-server";
import { startStopwatch } from "@/tests/support/stopwatch";

const policy = { allowHttpLoopback: true, allowedPrivateHosts: [] };
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function serve(handler: RequestListener): Promise<LocalHttpServer> {
  const server = await startHttpServer(handler);
  opened.push(server);
  return server;
}

function makeAgent(options?: Parameters<typeof createOutboundAgent>[1]): OutboundAgent {
  const agent = createOutboundAgent(policy, options);
  opened.push(agent);
  return agent;
}

const makeFetch = (limits?: OutboundLimits) => createOutboundFetch(makeAgent(), limits);

async function failureOf(promise: Promise<unknown>): Promise<UnreachableError> {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  if (error instanceof UnreachableError) return error;
  throw error;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(5);
}

describe("a request", () => {
  test.each<[string, RequestInit | undefined, { method: string; body: string; type?: string }]>([
    ["a GET", undefined, { method: "GET", body: "" }],
    [
      "text",
      { method: "post", body: "é" },
      { method: "POST", body: "é", type: "text/plain;charset=UTF-8" },
    ],
    [
      "form parameters",
      { method: "POST", body: new URLSearchParams({ a: "1 2", b: "ü" }) },
      {
        method: "POST",
        body: "a=1+2&b=%C3%BC",
        type: "application/x-www-form-urlencoded;charset=UTF-8",
      },
    ],
    ["bytes", { method: "PUT", body: new Uint8Array([104, 105]) }, { method: "PUT", body: "hi" }],
    [
      "a buffer",
      { method: "PUT", body: new Uint8Array([104, 105]).buffer },
      { method: "PUT", body: "hi" },
    ],
    [
      "a blob",
      { method: "POST", body: new Blob(["hi"], { type: "text/x" }) },
      { method: "POST", body: "hi", type: "text/x" },
    ],
    [
      "JSON under its own content type",
      { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } },
      { method: "POST", body: "{}", type: "application/json" },
    ],
  ])("%s arrives as the platform's fetch would send it", async (_, init, expected) => {
    const { origin } = await serve(async (request, response) => {
      const { method, headers } = request;
      response.end(
        JSON.stringify({ method, body: await readBody(request), type: headers["content-type"] }),
      );
    });
    const response = await makeFetch()(`${origin}/path`, init);
    expect(await response.json()).toEqual(expected);
  });

  test("accepts a Request, or a URL, and the headers in every form that fetch accepts", async () => {
    const { origin } = await serve(async (request, response) => {
      response.end(
        `${request.method} ${request.url} ${request.headers["x-test"]} ${await readBody(request)}`,
      );
    });
    const fetch = makeFetch();
    const text = async (...args: Parameters<typeof fetch>) => (await fetch(...args)).text();
    const headers = { "X-Test": "yes" };
    const request = new Request(`${origin}/r?q=1`, { method: "POST", body: "b", headers });
    expect(await text(request)).toBe("POST /r?q=1 yes b");
    expect(await text(new URL(`${origin}/u#f`), { headers: new Headers(headers) })).toBe(
      "GET /u yes ",
    );
    expect(await text(`${origin}/l`, { headers: [["x-test", "yes"]] })).toBe("GET /l yes ");
  });

  test("does not let the caller choose the host, and returns no cookie", async () => {
    const seen: (string | undefined)[] = [];
    const { origin, port } = await serve((request, response) => {
      seen.push(request.headers.host, request.headers.cookie);
      response.setHeader("set-cookie", "session=1");
      response.end();
    });
    const fetch = makeFetch();
    for (let i = 0; i < 2; i++) {
      await (await fetch(origin, { headers: { host: "other.example" } })).text();
    }
    expect(seen).toEqual([`127.0.0.1:${port}`, undefined, `127.0.0.1:${port}`, undefined]);
  });

  test("names a header that cannot be sent, without its value", async () => {
    const sent = makeFetch()("http://127.0.0.1:9/", { headers: { "X-Key": "se\ncret" } });
    const error = await sent.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(String(error)).toContain("x-key");
    expect(String(error)).not.toContain("cret");
  });

  test("keeps connections for subsequent requests", async () => {
    const server = await serve((_, response) => response.end("ok"));
    const fetch = makeFetch();
    for (let i = 0; i < 20; i++) expect(await (await fetch(server.origin)).text()).toBe("ok");
    // Two, as a connection rests for one turn of the event loop after each response.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });
});

describe("a response", () => {
  test("is a Response with status, headers, URL and body", async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(418, "Short and stout", { "x-a": ["1", "2"], "content-type": "text/x" });
      response.end("tea");
    });
    const response = await makeFetch()(`${origin}/pot#lid`);
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.statusText, response.ok]).toEqual([
      418,
      "Short and stout",
      false,
    ]);
    expect(response.headers.get("x-a")).toBe("1, 2");
    expect(response.url).toBe(`${origin}/pot#lid`);
    expect(response.redirected).toBe(false);
    expect(await response.text()).toBe("tea");
  });

  test("passes headers and a reason that no Headers and no Response can hold", async () => {
    const { origin } = await serve((request) => {
      request.socket.end(
        "HTTP/1.1 200 日本\r\nx-name: 日本\r\nx-ok: yes\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok",
      );
    });
    const response = await makeFetch()(origin);
    expect([response.headers.get("x-ok"), response.statusText]).toEqual(["yes", ""]);
    expect(await response.text()).toBe("ok");
  });

  test.each([204, 205, 304])("has no body with status %i", async (status) => {
    const { origin } = await serve((_, response) => {
      response.writeHead(status);
      response.end();
    });
    const response = await makeFetch()(origin);
    expect([response.status, response.body]).toEqual([status, null]);
  });

  test("has no body after HEAD, whatever length is announced", async () => {
    const { origin } = await serve((_, response) => {
      response.setHeader("content-length", "99999999999");
      response.end();
    });
    const response = await makeFetch()(origin, { method: "HEAD" });
    expect([response.status, response.body]).toEqual([200, null]);
  });

  // node-fetch/node-fetch#334
  test("may have long headers", async () => {
    const policy = "x".repeat(40_000);
    const { origin } = await serve((_, response) => {
      response.setHeader("content-security-policy", policy).end("the answer");
    });
    const response = await makeFetch()(origin);
    expect(response.headers.get("content-security-policy")).toBe(policy);
    expect(await response.text()).toBe("the answer");
  });

  test("skips informational responses before the final one", async () => {
    const { origin } = await serve((_, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.end("the answer");
    });
    expect(await (await makeFetch()(origin)).text()).toBe("the answer");
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("is decoded if the server compresses unasked, in %s", async (coding, compress) => {
    const asked: unknown[] = [];
    const { origin } = await serve((request, response) => {
      asked.push(request.headers["accept-encoding"]);
      response.setHeader("content-encoding", coding);
      response.end(compress("plain text"));
    });
    const response = await makeFetch()(origin);
    expect(await response.text()).toBe("plain text");
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(response.headers.get("content-length")).toBeNull();
    expect(asked).toEqual(["identity"]);
  });

  test("is an error with an unknown compression, or if the compressed data are damaged", async () => {
    const { origin } = await serve((request, response) => {
      response.setHeader("content-encoding", request.url === "/zstd" ? "zstd" : "gzip");
      response.end(gzipSync("a text that is cut").subarray(0, 20));
    });
    const fetch = makeFetch();
    expect((await failureOf(fetch(`${origin}/zstd`))).reason).toBe("reset");
    const response = await fetch(`${origin}/gzip`);
    expect((await failureOf(response.text())).reason).toBe("reset");
  });
});

describe("limits", () => {
  test("end an answer that never starts, in time and by name", async () => {
    const server = await serve(() => {});
    const elapsed = startStopwatch();
    const error = await failureOf(makeFetch({ headersTimeoutMs: 150 })(server.origin));
    expect(error.reason).toBe("timeout");
    expect(error.userMessage).toContain(`127.0.0.1:${server.port} did not answer in time`);
    expect(elapsed()).toBeLessThan(1000);
    await until(() => server.openConnections() === 0);
  });

  test("end a connection that is never established", async () => {
    const agent = makeAgent({ resolve: () => new Promise(() => {}) });
    const fetch = createOutboundFetch(agent, { headersTimeoutMs: 100 });
    expect((await failureOf(fetch("https://slow-dns.example/"))).reason).toBe("timeout");
  });

  test("end an answer that drips one byte at a time", async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("."), 20);
      response.on("close", () => clearInterval(timer));
    });
    const response = await makeFetch({ totalTimeoutMs: 250 })(origin);
    const elapsed = startStopwatch();
    expect((await failureOf(response.text())).reason).toBe("timeout");
    expect(elapsed()).toBeLessThan(1000);
  });

  test("end a stream that goes silent, but not one that is read slowly", async () => {
    const { origin } = await serve((request, response) => {
      if (request.url === "/silent") response.write("first");
      else response.end(Buffer.alloc(1024 * 1024));
    });
    const fetch = makeFetch({ totalTimeoutMs: null, idleTimeoutMs: 100 });
    const silent = await failureOf((await fetch(`${origin}/silent`)).text());
    expect(silent.reason).toBe("timeout");
    expect(silent.userMessage).toContain("stopped sending in the middle");

    const body = (await fetch(`${origin}/large`)).body;
    await wait(300);
    let bytes = 0;
    for await (const chunk of body ?? []) bytes += chunk.length;
    expect(bytes).toBe(1024 * 1024);
  });

  test("read no more of 64 MiB than permitted, announced or not, and keep none of it", async () => {
    let written = 0;
    const { origin } = await serve((request, response) => {
      if (request.url === "/announced") response.setHeader("content-length", 64 * 1024 * 1024);
      const chunk = Buffer.alloc(64 * 1024);
      const write = () => {
        while (written < 64 * 1024 * 1024 && !response.destroyed) {
          written += chunk.length;
          if (!response.write(chunk)) return;
        }
      };
      response.on("drain", write);
      write();
    });
    const fetch = makeFetch({ maxResponseBytes: 1024 * 1024 });
    expect((await failureOf(fetch(`${origin}/announced`))).reason).toBe("too_large");
    written = 0;
    const response = await fetch(`${origin}/chunked`);
    expect((await failureOf(response.text())).reason).toBe("too_large");
    await wait(50);
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  test("count the decompressed size", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const { origin } = await serve((_, response) => {
      response.setHeader("content-encoding", "gzip");
      response.end(bomb);
    });
    const before = process.memoryUsage().rss;
    const response = await makeFetch({ maxResponseBytes: 1024 * 1024 })(origin);
    expect((await failureOf(response.text())).reason).toBe("too_large");
    expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1024 * 1024);
  });

  test("count what is between two compressions, and refuse more of them than any proxy adds", async () => {
    // Blocks without content, which expand to nothing: 64 MiB of them, in 64 kB.
    const nothing = Buffer.alloc(64 * 1024 * 1024, Buffer.from([0, 0, 0, 0xff, 0xff]));
    const { origin } = await serve((request, response) => {
      const isDeep = request.url === "/deep";
      response.setHeader("content-encoding", isDeep ? "gzip, ".repeat(1000) : "deflate, gzip");
      response.end(
        isDeep ? "plain" : gzipSync(Buffer.concat([Buffer.from([0x78, 0x9c]), nothing])),
      );
    });
    const fetch = makeFetch({ maxResponseBytes: 1024 * 1024 });
    const response = await fetch(origin);
    expect((await failureOf(response.text())).reason).toBe("too_large");
    expect((await failureOf(fetch(`${origin}/deep`))).reason).toBe("reset");
  });

  test("let an answer of exactly the limit through", async () => {
    const { origin } = await serve((_, response) => response.end("x".repeat(1000)));
    expect(await (await makeFetch({ maxResponseBytes: 1000 })(origin)).text()).toHaveLength(1000);
    const tooLarge = makeFetch({ maxResponseBytes: 999 })(origin).then((r) => r.text());
    expect((await failureOf(tooLarge)).reason).toBe("too_large");
  });
});

describe("failures", () => {
  test("distinguish a reset before the answer from one within it", async () => {
    const { origin } = await serve((request, response) => {
      if (request.url === "/at-once") {
        request.socket.destroy();
      } else {
        response.write("half");
        setTimeout(() => request.socket.destroy(), 30);
      }
    });
    const fetch = makeFetch();
    expect((await failureOf(fetch(`${origin}/at-once`))).reason).toBe("reset");
    const response = await fetch(`${origin}/within`);
    expect((await failureOf(response.text())).reason).toBe("reset");
  });

  test("report a closed port", async () => {
    const server = await startHttpServer(() => {});
    await server.close();
    const error = await failureOf(makeFetch()(server.origin));
    expect(error.reason).toBe("connect");
    expect(error.userMessage).toContain("refused the connection");
  });

  test("report an unknown name", async () => {
    const notFound = () =>
      Promise.reject(Object.assign(new Error("not found"), { code: "ENOTFOUND" }));
    const fetch = createOutboundFetch(makeAgent({ resolve: notFound }));
    const error = await failureOf(fetch("https://no-such-host.example/"));
    expect(error.reason).toBe("dns");
    expect(error.userMessage).toContain("no-such-host.example could not be found");
    const nothing = createOutboundFetch(makeAgent({ resolve: async () => [] }));
    expect((await failureOf(nothing("https://empty.example/"))).reason).toBe("dns");
  });

  test("report an answer that is not HTTP, and one in plain text where TLS was expected", async () => {
    const { origin, port } = await serve((request) => request.socket.end("220 smtp ready\r\n"));
    expect((await failureOf(makeFetch()(origin))).reason).toBe("reset");
    expect((await failureOf(makeFetch()(`https://127.0.0.1:${port}/`))).reason).toBe("tls");
  });

  test("end pending requests when the agent closes", async () => {
    const { origin } = await serve(() => {});
    const agent = createOutboundAgent(policy);
    const failure = failureOf(createOutboundFetch(agent)(origin));
    await wait(30);
    await agent.close();
    expect((await failure).reason).toBe("aborted");
    expect((await failureOf(createOutboundFetch(agent)(origin))).reason).toBe("aborted");
  });
});

describe("redirects", () => {
  async function redirecting(status: number, location: (origin: string) => string) {
    const bodies: string[] = [];
    const headers: Record<string, unknown>[] = [];
    const canary = await serve(async (request, response) => {
      headers.push(request.headers);
      bodies.push(await readBody(request));
      response.end("arrived");
    });
    const start = await serve(async (request, response) => {
      await readBody(request);
      response.writeHead(status, { location: location(canary.origin) });
      response.end();
    });
    return { start, canary, bodies, headers };
  }

  test.each([301, 302, 303, 307, 308])(
    "a %i does not send a body anywhere else, in either mode",
    async (status) => {
      const { start, canary } = await redirecting(status, (origin) => `${origin}/?code=secret`);
      for (const redirects of ["error", "follow-checked"] as const) {
        const sent = makeFetch({ redirects })(start.origin, { method: "POST", body: "secret" });
        const error = await sent.catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(OutboundRefusedError);
        expect(String(error)).toContain(`redirect to ${canary.origin}/,`);
        expect(String(error)).not.toContain("secret");
      }
      expect(canary.connections()).toBe(0);
    },
  );

  test.each([301, 302, 303, 307, 308])("a %i is followed with GET if asked", async (status) => {
    const { start, canary } = await redirecting(status, (origin) => `${origin}/there`);
    await expect(makeFetch()(start.origin)).rejects.toBeInstanceOf(OutboundRefusedError);
    const response = await makeFetch({ redirects: "follow-checked" })(start.origin);
    expect(await response.text()).toBe("arrived");
    expect([response.url, response.redirected]).toEqual([`${canary.origin}/there`, true]);
  });

  test("is returned as it came if the caller wants that", async () => {
    const { start, canary } = await redirecting(307, (origin) => origin);
    const response = await makeFetch()(start.origin, { redirect: "manual", method: "POST" });
    expect([response.status, response.headers.get("location")]).toEqual([307, canary.origin]);
    expect(canary.connections()).toBe(0);
  });

  test("carries no credential to another origin, and all of them to the same one", async () => {
    const { start, headers } = await redirecting(302, (origin) => origin);
    const secret = { authorization: "Bearer t", cookie: "c=1", "x-api-key": "k" };
    const fetch = makeFetch({ redirects: "follow-checked" });
    await fetch(start.origin, { headers: { ...secret, accept: "text/x" } });
    expect(headers[0]).toMatchObject({ accept: "text/x" });
    expect(Object.keys(headers[0] ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/authorization|cookie|x-api-key/)]),
    );

    const same = await serve((request, response) => {
      if (request.url === "/") response.writeHead(302, { location: "/next" });
      response.end(request.headers["x-api-key"]);
    });
    expect(await (await fetch(same.origin, { headers: secret })).text()).toBe("k");
  });

  test.each([
    "http://example.com/",
    "https://169.254.169.254/",
    "https://10.0.0.1/",
    "file:///x",
    "https://[",
  ])("is not followed to %s", async (location) => {
    const { start } = await redirecting(302, () => location);
    await expect(makeFetch({ redirects: "follow-checked" })(start.origin)).rejects.toBeInstanceOf(
      OutboundRefusedError,
    );
  });

  test("ends after five", async () => {
    let requests = 0;
    const { origin } = await serve((_, response) => {
      response.writeHead(302, { location: `/${++requests}` });
      response.end();
    });
    const sent = makeFetch({ redirects: "follow-checked" })(origin);
    await expect(sent).rejects.toBeInstanceOf(OutboundRefusedError);
    expect(requests).toBe(6);
  });
});

describe("an abort", () => {
  const reason = new Error("the caller's own reason");

  test("works before the start, while the name is resolved, and while waiting for headers", async () => {
    const server = await serve(() => {});
    const fetch = makeFetch();
    await expect(fetch(server.origin, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.connections()).toBe(0);

    const resolving = createOutboundFetch(makeAgent({ resolve: () => new Promise(() => {}) }));
    for (const sent of [
      (signal: AbortSignal) => resolving("https://slow-dns.example/", { signal }),
      (signal: AbortSignal) => fetch(server.origin, { signal }),
    ]) {
      const controller = new AbortController();
      const result = sent(controller.signal).catch((error: unknown) => error);
      await wait(30);
      controller.abort(reason);
      expect(await result).toBe(reason);
    }
    await until(() => server.openConnections() === 0);
  });

  test("works in the middle of the body", async () => {
    const server = await serve((_, response) => {
      response.write("half");
    });
    const controller = new AbortController();
    const response = await makeFetch()(server.origin, { signal: controller.signal });
    const text = response.text().catch((error: unknown) => error);
    await wait(30);
    controller.abort(reason);
    expect(await text).toBe(reason);
    await until(() => server.openConnections() === 0);
  });

  test("sends nothing of a request that was waiting for its connection", async () => {
    let requests = 0;
    const { port } = await serve((_, response) => {
      requests++;
      response.end();
    });
    let answer: (addresses: { address: string; family: number }[]) => void = () => {};
    const resolve = () =>
      new Promise<{ address: string; family: number }[]>((settle) => {
        answer = settle;
      });
    const fetch = createOutboundFetch(makeAgent({ resolve }));
    const controller = new AbortController();
    const sent = fetch(`http://localhost:${port}/`, { signal: controller.signal });
    await wait(20);
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    answer([{ address: "127.0.0.1", family: 4 }]);
    await wait(100);
    expect(requests).toBe(0);
  });

  test("by a reader that cancels the body releases the connection", async () => {
    const server = await serve((_, response) => {
      response.write("event");
    });
    const response = await makeFetch({ totalTimeoutMs: null })(server.origin);
    await response.body?.cancel();
    await until(() => server.openConnections() === 0);
  });

  test("by a signal shared by 200 requests raises no warning and keeps no listener", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const { origin } = await serve((_, response) => setTimeout(() => response.end("ok"), 20));
    const fetch = makeFetch();
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    await Promise.all(
      Array.from({ length: 200 }, async () => (await fetch(origin, { signal })).text()),
    );
    await wait(20);
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
    expect(listeners).toBe(0);
  });
});

describe("streams", () => {
  test("arrive event by event, each before the next is sent", async () => {
    let send: (event: string) => void = () => {};
    const { origin } = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      send = (event) => response.write(`data: ${event}\n\n`);
    });
    const fetch = makeFetch({ totalTimeoutMs: null, maxResponseBytes: null });
    const reader = (await fetch(origin)).body?.pipeThrough(new TextDecoderStream()).getReader();
    for (const event of ["one", "two", "three"]) {
      send(event);
      expect((await reader?.read())?.value).toBe(`data: ${event}\n\n`);
    }
    await reader?.cancel();
  });

  test("make the server wait for a slow reader", async () => {
    let written = 0;
    const { origin } = await serve(async (_, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      while (!response.destroyed && written < 64 * 1024 * 1024) {
        written += chunk.length;
        if (!response.write(chunk)) await once(response, "drain").catch(() => {});
      }
      response.end();
    });
    const response = await makeFetch({ totalTimeoutMs: null, maxResponseBytes: null })(origin);
    await wait(300);
    const whenPaused = written;
    expect(whenPaused).toBeLessThan(32 * 1024 * 1024);
    let bytes = 0;
    for await (const chunk of response.body ?? []) bytes += chunk.length;
    expect(bytes).toBe(64 * 1024 * 1024);
  });
});
