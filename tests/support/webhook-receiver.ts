import { type LocalHttpServer, readBody, startHttpServer } from "./local-http-server";

export interface Received {
  headers: Record<string, string>;
  body: string;
}

export interface Receiver extends LocalHttpServer {
  url: string;
  received: Received[];
  /** For the next responses. */
  answer: { status: number; body: string; headers?: Record<string, string> };
  /** No response is sent until it resolves. */
  hold: Promise<void>;
}

/** A real receiver of webhooks. */
export async function startReceiver(): Promise<Receiver> {
  const state: Pick<Receiver, "received" | "answer" | "hold"> = {
    received: [],
    answer: { status: 200, body: "thanks" },
    hold: Promise.resolve(),
  };
  const server = await startHttpServer(async (request, response) => {
    const body = await readBody(request);
    state.received.push({ headers: request.headers as Record<string, string>, body });
    await state.hold;
    response.writeHead(state.answer.status, state.answer.headers).end(state.answer.body);
  });
  return Object.assign(state, server, { url: `${server.origin}/hook` });
}
